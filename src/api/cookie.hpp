#pragma once

#include <optional>
#include <string_view>

#include "api/http.hpp"

namespace flotilla {

/// The value of the first cookie of that name that a browser sends (RFC 6265, section 5.4).
[[nodiscard]] std::optional<std::string_view> find_cookie(const Headers& headers, std::string_view name);

}  // namespace flotilla
