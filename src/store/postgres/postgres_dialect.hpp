#pragma once

#include "store/sql.hpp"

namespace flotilla {

/// What PostgreSQL says in its own way.
[[nodiscard]] const SqlDialect& postgres_dialect();

}  // namespace flotilla
