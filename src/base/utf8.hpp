#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flotilla {

// UTF-8 as RFC 3629 has it: overlong forms, surrogates and code points beyond U+10FFFF are none.

/// The value of one byte, as `char` may be signed.
[[nodiscard]] inline unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

/// The length of the character that begins at `at`; 0 if none does, or if it is cut off.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t at);

[[nodiscard]] bool is_utf8(std::string_view text);

/// The text with every byte that is not part of a character as U+FFFD.
[[nodiscard]] std::string as_utf8(std::string_view bytes);

/// The length without a character at the end that is cut off in its middle.
[[nodiscard]] std::size_t whole_characters(std::string_view bytes);

}  // namespace flotilla
