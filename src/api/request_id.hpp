#pragma once

#include <string>

#include "api/http.hpp"

namespace flotilla {

/// The name under which a request stands in the log and in its answer.
constexpr std::string_view request_id_header = "X-Request-Id";

/// The id that the client or a proxy gave the request, if it is 1 to 128 letters, digits, dots, underscores
/// and hyphens; a new one otherwise.
[[nodiscard]] std::string request_id(const Headers& headers);

}  // namespace flotilla
