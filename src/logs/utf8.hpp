#pragma once

#include <string>
#include <string_view>

namespace flotilla {

/// The text with every byte that is not part of valid UTF-8 (RFC 3629) as U+FFFD.
[[nodiscard]] std::string as_utf8(std::string_view bytes);

/// The length without a character at the end that is cut off in its middle.
[[nodiscard]] std::size_t whole_characters(std::string_view bytes);

}  // namespace flotilla
