#include "base/hex.hpp"

#include <cstddef>

namespace flotilla {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

}  // namespace

std::string hex_text(std::string_view bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4U];
        text += digits[value & 0xFU];
    }
    return text;
}

bool is_hex_text(std::string_view text) {
    return text.find_first_not_of(digits) == std::string_view::npos;
}

std::optional<std::string> bytes_of_hex(std::string_view text) {
    if (text.size() % 2 != 0 || !is_hex_text(text)) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        bytes += static_cast<char>(digits.find(text[at]) << 4U | digits.find(text[at + 1]));
    }
    return bytes;
}

}  // namespace flotilla
