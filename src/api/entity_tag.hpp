#pragma once

#include <string>
#include <string_view>

namespace flotilla {

/// The `ETag` of a body: another one for every other body (RFC 9110, section 8.8.3).
[[nodiscard]] std::string entity_tag(std::string_view body);

/// Whether an `If-Match` is met by what has this tag (RFC 9110, section 13.1.1): a weak tag never is.
[[nodiscard]] bool is_matched(std::string_view if_match, std::string_view tag);

}  // namespace flotilla
