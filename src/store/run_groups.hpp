#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/env.hpp"
#include "core/list_query.hpp"
#include "store/list_sql.hpp"
#include "store/sql.hpp"

namespace flotilla {

// Runs with a variable are found in the table run_env, within each group by age; and a part of a group's name
// is looked for among the groups, not among the runs. Groups with a variable are found by stepping from one
// to the next in an index: what it costs does not depend on how many runs there are.

/// More groups are not looked at one by one.
constexpr std::size_t most_groups = 200;

/// What stands in the column `pair` for a variable.
[[nodiscard]] std::string pair_of(const EnvVar& variable);

/// The groups of the runs that the query asks for, sorted by bytes, where it asks for runs with a variable or
/// for a part of a group's name, and they are at most `most_groups`. There may be some without such a run.
[[nodiscard]] std::optional<std::vector<std::string>> groups_of(SqlSession& session, const ListQuery& query);

/// How many runs are in the groups that the query asks for, if it asks for nothing but groups and they are
/// few enough to look at each.
[[nodiscard]] std::optional<std::int64_t> kept_count_of_groups(SqlSession& session, const ListQuery& query);

/// The query without its conditions on groups, for runs of these groups alone.
[[nodiscard]] ListQuery in_groups(const ListQuery& query, const std::vector<std::string>& groups);

/// The rows that have the first variable of the query: `SELECT 1 FROM ...`, to be counted.
[[nodiscard]] SqlText rows_with_variable(const ListQuery& query, const SqlDialect& dialect);

}  // namespace flotilla
