#pragma once

#include <chrono>

#include "api/http.hpp"

namespace flotilla {

/// One line about an answered request: at `info` if it may have changed something or went wrong, else at
/// `debug`. It names the route, not what was asked for; a target that has no route stands in it, cut short.
void log_answer(const IncomingRequest& request, const Handling& handling, const Response& response,
                std::chrono::microseconds duration);

}  // namespace flotilla
