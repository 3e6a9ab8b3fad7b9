#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/list_query.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// A part of a statement with the values that it binds.
struct SqlText {
    std::string sql;
    std::vector<SqlValue> values;

    /// Binds one more value and returns its parameter, `$n`.
    std::string bind(SqlValue value);
};

/// `WHERE ...` for the conditions of a query (empty if there are none). Every value is bound; every column
/// comes from the fixed lists of core/list_query.hpp. `leading`: the column whose index is to be used; empty:
/// as the database thinks.
[[nodiscard]] SqlText where_clause(const ListQuery& query, const SqlDialect& dialect,
                                   std::string_view leading = {});

/// The order of runs that are equal by the query's own field.
constexpr std::string_view run_ties = "queued_at DESC, run_id";

/// Appends the condition that only runs after `query.after` are wanted, if it says so, to a `WHERE` or to
/// nothing: those that `run_ties` order behind it, too. Runs that lack the field come last and are not among
/// them, unless `query.after` lacks it.
void append_position(SqlText& text, const ListQuery& query);

/// Sorted: rows are found by what the conditions say and sorted then; no index of the order is walked in
/// search of the few that match.
enum class Ordering { as_planned, sorted };

/// Appends `ORDER BY ... LIMIT ... OFFSET ...`; `ties` orders what is equal by the query's own field.
void append_order(SqlText& text, const ListQuery& query, std::string_view ties,
                  Ordering ordering = Ordering::as_planned);

}  // namespace flotilla
