#pragma once

#include <string>
#include <string_view>

#include "api/request.hpp"

namespace flotilla {

/// A page or file that changes only with the program.
struct StaticContent {
    std::string_view body;  ///< outlives every answer
    std::string content_type;
    Headers headers{};           ///< besides ETag and Cache-Control
    std::string_view gzipped{};  ///< the same, compressed (RFC 1952); empty: it is not
    bool is_immutable = false;   ///< its path names its content: browsers need not ask again
};

/// The content, compressed if the client takes that; 304 if it knows the content already (RFC 9110, sections
/// 12.5.3 and 13).
[[nodiscard]] Response static_response(const StaticContent& content, const Request& request);

}  // namespace flotilla
