#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql.hpp"

namespace flotilla {

/// One numbered step of the schema, from the folder migrations/.
struct Migration {
    int number;
    std::string_view name;
    /// Statements, each ended by `;` at the end of a line; see migrations.cpp. A first line `-- serves: N`
    /// says that a program whose last step is N works with the schema after it, too, so that one can go back
    /// to it.
    std::string_view sql;
};

/// All of them, in order.
[[nodiscard]] const std::vector<Migration>& migrations();

/// Brings the schema up to date, each step in a transaction of its own; says what it did in the log. Throws
/// `invalid` if a newer version has brought it to where this program does not serve any more, or if one of
/// those before the last did not run.
void migrate(SqlDatabase& database);
/// The same, with the steps of `list`.
void migrate(SqlDatabase& database, std::span<const Migration> list);

/// The number of the last step that ran; 0 for an empty database.
[[nodiscard]] std::int64_t schema_version(SqlDatabase& database);

/// The names of the steps that are missing. Changes nothing. Throws as `migrate`.
[[nodiscard]] std::vector<std::string> missing_migrations(SqlDatabase& database);

}  // namespace flotilla
