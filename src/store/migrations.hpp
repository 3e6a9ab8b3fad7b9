#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/sql.hpp"

namespace flotilla {

/// One numbered step of the schema, from the folder migrations/.
struct Migration {
    int number;
    std::string_view name;
    std::string_view sql;  ///< statements, each ended by `;` at the end of a line; see migrations.cpp
};

/// All of them, in order.
[[nodiscard]] const std::vector<Migration>& migrations();

/// Brings the schema up to date, each step in a transaction of its own; says what it did in the log. Throws
/// `invalid` if the database was written by a newer version.
void migrate(SqlDatabase& database);
/// The same, up to the step of that number.
void migrate(SqlDatabase& database, std::int64_t last);

/// The number of the last step that ran; 0 for an empty database.
[[nodiscard]] std::int64_t schema_version(SqlDatabase& database);

/// The names of the steps that are missing. Changes nothing.
[[nodiscard]] std::vector<std::string> missing_migrations(SqlDatabase& database);

}  // namespace flotilla
