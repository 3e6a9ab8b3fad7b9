#pragma once

#include "core/list_query.hpp"
#include "core/run.hpp"
#include "store/run_totals.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Whether runs may have to be looked at one by one to answer the query: it asks for what no index tells, for
/// several things at once, or for what comes after very many.
[[nodiscard]] bool may_take_long(const ListQuery& query);

/// How many runs the query asks for, without `limit`, `offset` and `after`.
[[nodiscard]] RunTotal total_of(SqlSession& session, const ListQuery& query, RunTotals& totals);
/// An estimate of it, which is had at once.
[[nodiscard]] RunTotal estimated_total_of(SqlSession& session, const ListQuery& query, RunTotals& totals);

/// Sets the items of the page of runs that a query asks for, and the next cursor. In each database every
/// order is that of an index, so that the page costs what it holds: runs that lack the field that is sorted
/// by are looked for apart, and so is each of several values of a field.
void add_items(SqlSession& session, const ListQuery& query, Page<Run>& page);

}  // namespace flotilla
