#include "store/run_groups.hpp"

#include <algorithm>

#include <fmt/format.h>

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

/// Of all groups, or of those that have a run with the variable.
std::string step_sql(bool with_variable) {
    const auto* const table = with_variable ? "run_env" : "runs";
    const auto* const column = with_variable ? "env_group" : "group_name";
    const auto* const condition = with_variable ? "pair = $2 AND " : "";
    return fmt::format(
        "WITH RECURSIVE found (name) AS ("
        "  SELECT MIN({1}) FROM {0} WHERE {2}{1} >= ''"
        "  UNION ALL"
        "  SELECT (SELECT MIN({1}) FROM {0} WHERE {2}{1} > found.name) FROM found WHERE found.name IS NOT "
        "NULL)"
        " SELECT name FROM found WHERE name IS NOT NULL LIMIT $1",
        table, column, condition);
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
    const bool with_variable = !query.env_filters.empty();
    if (!with_variable && !asks_for_a_part(query)) {
        return std::nullopt;
    }
    static const auto of_all = step_sql(false);
    static const auto of_variable = step_sql(true);
    // Of all groups only few may be wanted.
    const std::size_t most_steps = with_variable ? most_groups : 10 * most_groups;
    std::vector<SqlValue> values{static_cast<std::int64_t>(most_steps + 1)};
    if (with_variable) {
        values.emplace_back(pair_of(query.env_filters.front()));
    }
    std::vector<std::string> groups;
    std::size_t steps = 0;
    session.query(with_variable ? of_variable : of_all, values, [&](const SqlRow& row) {
        ++steps;
        if (auto group = row.text(0); is_wanted(group, query)) {
            groups.push_back(std::move(group));
        }
    });
    return steps > most_steps || groups.size() > most_groups ? std::nullopt
                                                             : std::optional(std::move(groups));
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
