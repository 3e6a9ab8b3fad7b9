#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/list_query.hpp"

namespace flotilla {

/// The target of a request, taken apart.
struct Target {
    std::vector<std::string>
        segments;           ///< of the path, each unescaped after splitting at `/`: it may contain one
    QueryParameters query;  ///< unescaped, `+` is a space
};

/// The target as it is below the base path, which ends with no slash, where it is there; else the target
/// itself: a proxy may take the path off.
[[nodiscard]] std::string_view below_base_path(std::string_view target, std::string_view base_path);

/// What stands before the query, still escaped.
[[nodiscard]] std::string_view path_of(std::string_view target);

/// Reads a request target in origin form or absolute form (RFC 9112, section 3.2). A query pair with a `;` in
/// it is dropped, as the original does. Throws `invalid` for a bad escape, NUL, or text that is not UTF-8,
/// and `not_found` for a path with an empty segment, `.` or `..`.
[[nodiscard]] Target parse_target(std::string_view target);

}  // namespace flotilla
