#pragma once

#include "api/http.hpp"

namespace flotilla {

/// Whether the answer may be long: a page of a log, or of a list with more than a hundred rows.
[[nodiscard]] bool may_be_long(const IncomingRequest& request);

}  // namespace flotilla
