#pragma once

#include <string>

#include "api/authentication.hpp"
#include "api/router.hpp"

namespace flotilla {

/// `/api/v1/session` and `/api/v1/whoami`: how a browser signs in and out, and as whom. `authentication`
/// outlives the router; `path`: of the cookie.
void add_session_routes(Router& router, const Authentication& authentication, const std::string& path);

}  // namespace flotilla
