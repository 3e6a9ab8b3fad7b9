#pragma once

#include "core/list_query.hpp"
#include "core/run.hpp"
#include "store/run_totals.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The page of runs that a query asks for. In each database every order is that of an index, so that the page
/// costs what it holds: runs that lack the field that is sorted by are looked for apart, and so is each of
/// several values of a field.
[[nodiscard]] Page<Run> list_runs(SqlSession& session, const ListQuery& query, RunTotals& totals);

}  // namespace flotilla
