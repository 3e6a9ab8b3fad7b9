#include "store/run_groups.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "store/distinct_values.hpp"
#include "store/run_counts.hpp"

namespace flotilla {

namespace {

constexpr std::size_t characters_of_pair = 200;

bool is_about_groups(const Condition& condition) {
    return condition.field->column == "group_name";
}

bool asks_for_a_part(const ListQuery& query) {
    return std::ranges::any_of(query.conditions, [](const Condition& condition) {
        return is_about_groups(condition) && condition.test == Condition::Test::contains;
    });
}

/// Whether the conditions on groups hold for this one.
bool is_wanted(const std::string& group, const ListQuery& query) {
    return std::ranges::all_of(query.conditions, [&](const Condition& condition) {
        if (!is_about_groups(condition)) {
            return true;
        }
        return std::ranges::any_of(condition.values, [&](const auto& value) {
            const auto& text = std::get<std::string>(value);
            return condition.test == Condition::Test::contains ? group.find(text) != std::string::npos
                                                               : group == text;
        });
    });
}

/// Those for which the conditions on groups hold; nothing if there are too many groups to look at each.
std::optional<std::vector<GroupCount>> wanted_groups(SqlSession& session, const ListQuery& query) {
    constexpr std::int64_t most_looked_at = 2'000;
    auto groups = count_groups(session, most_looked_at);
    if (groups) {
        std::erase_if(*groups, [&](const GroupCount& one) { return !is_wanted(one.group, query); });
    }
    return groups;
}

/// Those with the first variable of the query.
std::optional<std::vector<std::string>> groups_with_variable(SqlSession& session, const ListQuery& query) {
    SqlText has_variable;
    has_variable.sql = "pair = " + has_variable.bind(pair_of(query.env_filters.front()));
    auto groups = distinct_values(session, "run_env", "env_group", std::move(has_variable), most_groups);
    if (groups) {
        std::erase_if(*groups, [&](const std::string& group) { return !is_wanted(group, query); });
    }
    return groups;
}

}  // namespace

std::string pair_of(const EnvVar& variable) {
    const auto pair = variable.name + "|" + variable.value;
    std::size_t end = 0;
    for (std::size_t characters = 0; end < pair.size() && characters < characters_of_pair; ++characters) {
        do {
            ++end;
        } while (end < pair.size() && (static_cast<unsigned char>(pair[end]) & 0xC0U) == 0x80U);
    }
    return pair.substr(0, end);
}

std::optional<std::vector<std::string>> groups_of(SqlSession& session, const ListQuery& query) {
    if (!query.env_filters.empty()) {
        return groups_with_variable(session, query);
    }
    const auto wanted = asks_for_a_part(query) ? wanted_groups(session, query) : std::nullopt;
    if (!wanted || wanted->size() > most_groups) {
        return std::nullopt;
    }
    std::vector<std::string> groups;
    for (const GroupCount& one : *wanted) {
        groups.push_back(one.group);
    }
    return groups;
}

std::optional<std::int64_t> kept_count_of_groups(SqlSession& session, const ListQuery& query) {
    if (!query.env_filters.empty() || query.conditions.empty() ||
        !std::ranges::all_of(query.conditions, is_about_groups)) {
        return std::nullopt;
    }
    const auto wanted = wanted_groups(session, query);
    if (!wanted) {
        return std::nullopt;
    }
    std::int64_t runs = 0;
    for (const GroupCount& one : *wanted) {
        runs += one.runs;
    }
    return runs;
}

ListQuery in_groups(const ListQuery& query, const std::vector<std::string>& groups) {
    ListQuery narrowed = query;
    std::erase_if(narrowed.conditions, is_about_groups);
    const auto field = std::ranges::find(run_fields(), std::string_view("group_name"), &Field::column);
    Condition condition{&*field, Condition::Test::equals, {}};
    condition.values.assign(groups.begin(), groups.end());
    narrowed.conditions.push_back(std::move(condition));
    return narrowed;
}

SqlText rows_with_variable(const ListQuery& query, const SqlDialect& dialect) {
    SqlText text = where_clause(query, dialect);
    const auto pair = text.bind(pair_of(query.env_filters.front()));
    const bool is_short = pair_of(query.env_filters.front()).size() < characters_of_pair;
    if (query.conditions.empty() && query.env_filters.size() == 1 && is_short) {
        return {"SELECT 1 FROM run_env WHERE pair = $1", {text.values.back()}};
    }
    text.sql = fmt::format("SELECT 1 FROM run_env CROSS JOIN runs{} AND run_id = env_run_id AND pair = {}",
                           text.sql, pair);
    return text;
}

}  // namespace flotilla
