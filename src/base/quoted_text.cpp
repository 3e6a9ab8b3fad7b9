#include "base/quoted_text.hpp"

#include <cstddef>
#include <cstdint>

#include "base/utf8.hpp"

namespace flotilla {

namespace {

/// The code point of a character of two or three bytes; 0 for one of four, of which none is escaped.
std::uint32_t code_point(std::string_view character) {
    if (character.size() == 2) {
        return (byte_at(character, 0) & 0x1FU) << 6U | (byte_at(character, 1) & 0x3FU);
    }
    if (character.size() == 3) {
        return (byte_at(character, 0) & 0x0FU) << 12U | (byte_at(character, 1) & 0x3FU) << 6U |
               (byte_at(character, 2) & 0x3FU);
    }
    return 0;
}

/// https://www.unicode.org/reports/tr9/ lists what turns the direction of text.
bool is_unsafe(std::uint32_t point) {
    const bool is_c1_control = point >= 0x80 && point <= 0x9F;
    const bool is_line_separator = point == 0x2028 || point == 0x2029;
    const bool turns_direction = point == 0x061C || point == 0x200E || point == 0x200F ||
                                 (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    return is_c1_control || is_line_separator || turns_direction;
}

void append_code(std::uint32_t point, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += digits[point >> static_cast<unsigned>(shift) & 0xFU];
    }
}

void append_escape_of_ascii(char byte, std::string& out) {
    switch (byte) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            append_code(static_cast<unsigned char>(byte), out);
    }
}

/// Appends the character at `at`, which does not stand for itself, and returns where the next one begins.
std::size_t append_character(std::string_view text, std::size_t at, std::string& out) {
    if (byte_at(text, at) < 0x80) {
        append_escape_of_ascii(text[at], out);
        return at + 1;
    }
    const std::size_t length = utf8_length(text, at);
    if (length == 0) {
        out += "\xEF\xBF\xBD";
        return at + 1;
    }
    const std::string_view character = text.substr(at, length);
    if (const auto point = code_point(character); is_unsafe(point)) {
        append_code(point, out);
    } else {
        out += character;
    }
    return at + length;
}

}  // namespace

bool stands_for_itself(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value >= 0x20 && value < 0x7F && value != '"' && value != '\\';
}

void append_escaped(std::string_view text, std::string& out) {
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t plain_end = at;
        while (plain_end < text.size() && stands_for_itself(text[plain_end])) {
            ++plain_end;
        }
        out.append(text, at, plain_end - at);
        at = plain_end < text.size() ? append_character(text, plain_end, out) : plain_end;
    }
}

void append_quoted(std::string_view text, std::string& out) {
    out += '"';
    append_escaped(text, out);
    out += '"';
}

}  // namespace flotilla
