#pragma once

#include <cstddef>
#include <string_view>

namespace flotilla {

/// The length of the UTF-8 sequence that begins at `at`, 1 for an ASCII character; 0 if none does (RFC 3629,
/// section 4: overlong forms, surrogates and code points beyond U+10FFFF are none).
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t at);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace flotilla
