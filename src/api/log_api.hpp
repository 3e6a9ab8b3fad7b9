#pragma once

#include "api/router.hpp"
#include "service/log_service.hpp"

namespace flotilla {

/// The routes of logs. The service outlives the router and its answers.
void add_log_routes(Router& router, LogService& logs);

}  // namespace flotilla
