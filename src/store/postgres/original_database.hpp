#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/sql.hpp"

namespace flotilla {

/// What the tables of the original Flotilla (2018) hold.
struct OriginalContents {
    std::int64_t definitions = 0;
    std::int64_t runs = 0;
};

/// Whether the database is one of the original whose contents were not carried over yet. Changes nothing.
[[nodiscard]] std::optional<OriginalContents> find_original(SqlDatabase& database);

/// Carries its definitions and runs over into the tables of this version, in one transaction, once; what it
/// did is said in the log. The original's own tables stay as they are. A run's owner is what its environment
/// says under `owner_variable`. Runs that were not finished are, as no engine knows them.
void carry_over_original(SqlDatabase& database, const std::string& owner_variable);

}  // namespace flotilla
