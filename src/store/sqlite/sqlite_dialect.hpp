#pragma once

#include "store/sql.hpp"

namespace flotilla {

/// What SQLite says in its own way.
[[nodiscard]] const SqlDialect& sqlite_dialect();

}  // namespace flotilla
