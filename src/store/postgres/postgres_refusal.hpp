#pragma once

#include "store/postgres/postgres_address.hpp"

namespace flotilla {

/// Whether the server there refuses this user for good, as by a wrong password or a database that does not
/// exist, so that waiting does not help. Asks it; takes two seconds at most.
[[nodiscard]] bool refuses(const PostgresAddress& address);

}  // namespace flotilla
