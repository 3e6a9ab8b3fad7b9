#pragma once

#include "api/router.hpp"
#include "service/log_service.hpp"

namespace flotilla {

/// The route of logs. The service outlives the router.
void add_log_routes(Router& router, LogService& logs);

}  // namespace flotilla
