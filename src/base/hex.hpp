#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flotilla {

/// Two hexadecimal digits a byte, lower case.
[[nodiscard]] std::string hex_text(std::string_view bytes);

/// Whether a text consists of such digits alone.
[[nodiscard]] bool is_hex_text(std::string_view text);

/// The bytes of what `hex_text` made; nothing for any other text.
[[nodiscard]] std::optional<std::string> bytes_of_hex(std::string_view text);

}  // namespace flotilla
