#pragma once

#include "store/sql.hpp"

namespace flotilla {

/// Throws `invalid` with what to do if a PostgreSQL database would not let this user bring it up to date: it
/// takes no changes, or the user may make no tables or may not change those that are there.
void check_may_migrate(SqlDatabase& database);

}  // namespace flotilla
