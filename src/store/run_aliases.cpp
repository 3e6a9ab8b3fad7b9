#include "store/run_aliases.hpp"

#include <algorithm>

#include "store/distinct_values.hpp"

namespace flotilla {

namespace {

bool asks_for_a_part(const Condition& condition) {
    return condition.field->column == "alias" && condition.test == Condition::Test::contains;
}

}  // namespace

std::optional<std::vector<std::string>> aliases_of(SqlSession& session, const ListQuery& query) {
    if (std::ranges::none_of(query.conditions, asks_for_a_part)) {
        return std::nullopt;
    }
    constexpr std::int64_t most_looked_at = 20'000;
    auto aliases = distinct_values(session, "runs", "alias", {}, most_looked_at);
    if (aliases) {
        std::erase_if(*aliases, [&](const std::string& alias) {
            return !std::ranges::all_of(query.conditions, [&](const Condition& condition) {
                return !asks_for_a_part(condition) ||
                       alias.find(std::get<std::string>(condition.values.front())) != std::string::npos;
            });
        });
    }
    return aliases;
}

ListQuery with_aliases(const ListQuery& query, const std::vector<std::string>& aliases) {
    ListQuery narrowed = query;
    const auto part = std::ranges::find_if(narrowed.conditions, asks_for_a_part);
    Condition condition{part->field, Condition::Test::equals, {}};
    condition.values.assign(aliases.begin(), aliases.end());
    std::erase_if(narrowed.conditions, asks_for_a_part);
    narrowed.conditions.push_back(std::move(condition));
    return narrowed;
}

}  // namespace flotilla
