#include "store/run_aliases.hpp"

#include <algorithm>
#include <string_view>

namespace flotilla {

namespace {

constexpr std::int64_t most_looked_at = 20'000;

constexpr std::string_view step_sql =
    "WITH RECURSIVE found (name) AS ("
    "  SELECT MIN(alias) FROM runs WHERE alias >= ''"
    "  UNION ALL"
    "  SELECT (SELECT MIN(alias) FROM runs WHERE alias > found.name) FROM found WHERE found.name IS NOT NULL)"
    " SELECT name FROM found WHERE name IS NOT NULL LIMIT $1";

bool asks_for_a_part(const Condition& condition) {
    return condition.field->column == "alias" && condition.test == Condition::Test::contains;
}

}  // namespace

std::optional<std::vector<std::string>> aliases_of(SqlSession& session, const ListQuery& query) {
    if (std::ranges::none_of(query.conditions, asks_for_a_part)) {
        return std::nullopt;
    }
    std::vector<std::string> aliases;
    std::int64_t steps = 0;
    session.query(step_sql, {most_looked_at + 1}, [&](const SqlRow& row) {
        ++steps;
        const auto alias = row.text(0);
        const bool is_wanted = std::ranges::all_of(query.conditions, [&](const Condition& condition) {
            return !asks_for_a_part(condition) ||
                   alias.find(std::get<std::string>(condition.values.front())) != std::string::npos;
        });
        if (is_wanted) {
            aliases.push_back(alias);
        }
    });
    return steps > most_looked_at ? std::nullopt : std::optional(std::move(aliases));
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
