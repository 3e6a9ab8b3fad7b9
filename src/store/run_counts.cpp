#include "store/run_counts.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/list_sql.hpp"
#include "store/sql_lookup.hpp"

namespace flotilla {

namespace {

constexpr std::array<std::string_view, 4> counted_columns{"group_name", "owner", "cluster", "definition_id"};

bool is_counted(const Condition& condition) {
    return condition.test == Condition::Test::equals &&
           std::ranges::find(counted_columns, condition.field->column) != counted_columns.end();
}

/// The rows of the values that the condition names.
SqlText rows_of(const Condition& condition) {
    SqlText text;
    std::vector<std::string> parameters;
    const auto field = text.bind(std::string(condition.field->column));
    for (const auto& value : condition.values) {
        parameters.push_back(text.bind(std::get<std::string>(value)));
    }
    text.sql = fmt::format("field = {} AND value IN ({})", field, fmt::join(parameters, ", "));
    return text;
}

}  // namespace

std::optional<std::vector<GroupCount>> count_groups(SqlSession& session, std::int64_t most) {
    std::vector<GroupCount> groups;
    session.query(
        "SELECT value, SUM(runs) FROM run_counts WHERE field = 'group_name' GROUP BY value"
        " HAVING SUM(runs) > 0 ORDER BY value LIMIT $1",
        {most + 1}, [&](const SqlRow& row) {
            groups.push_back({row.text(0), row.integer(1)});
        });
    return std::ssize(groups) > most ? std::nullopt : std::optional(std::move(groups));
}

std::optional<std::int64_t> kept_count(SqlSession& session, const ListQuery& query) {
    if (query.conditions.size() > 1 || !query.env_filters.empty() ||
        !std::ranges::all_of(query.conditions, is_counted)) {
        return std::nullopt;
    }
    const SqlText rows = query.conditions.empty() ? SqlText{"field = 'cluster'", {}}  // each run has one
                                                  : rows_of(query.conditions.front());
    return number_of(session, "SELECT COALESCE(SUM(runs), 0) FROM run_counts WHERE " + rows.sql, rows.values);
}

}  // namespace flotilla
