#include "base/utf8.hpp"

#include <algorithm>

namespace flotilla {

namespace {

/// How long the character is that begins with this byte; 0 if none does.
std::size_t expected_length(unsigned first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 3;
    }
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/// Whether the second byte of a character may follow the first (RFC 3629, section 4).
bool second_fits(unsigned first, unsigned second) {
    switch (first) {
        case 0xE0:
            return second >= 0xA0 && second <= 0xBF;
        case 0xED:
            return second >= 0x80 && second <= 0x9F;
        case 0xF0:
            return second >= 0x90 && second <= 0xBF;
        case 0xF4:
            return second >= 0x80 && second <= 0x8F;
        default:
            return second >= 0x80 && second <= 0xBF;
    }
}

/// How many bytes from `at` on agree with one character, at most its length.
std::size_t agreeing_bytes(std::string_view bytes, std::size_t at) {
    const std::size_t length = std::min(expected_length(byte_at(bytes, at)), bytes.size() - at);
    std::size_t count = length == 0 ? 0 : 1;
    for (; count < length; ++count) {
        const unsigned next = byte_at(bytes, at + count);
        const bool fits = count == 1 ? second_fits(byte_at(bytes, at), next) : (next & 0xC0U) == 0x80U;
        if (!fits) {
            break;
        }
    }
    return count;
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto expected = expected_length(byte_at(text, at));
    return agreeing_bytes(text, at) == expected ? expected : 0;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto length = utf8_length(text, at);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

std::string as_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length = utf8_length(bytes, at);
        if (length == 0) {
            text += "\xEF\xBF\xBD";
            ++at;
        } else {
            text.append(bytes, at, length);
            at += length;
        }
    }
    return text;
}

std::size_t whole_characters(std::string_view bytes) {
    for (std::size_t at = bytes.size() < 3 ? 0 : bytes.size() - 3; at < bytes.size(); ++at) {
        const auto left = bytes.size() - at;
        if (expected_length(byte_at(bytes, at)) > left && agreeing_bytes(bytes, at) == left) {
            return at;
        }
    }
    return bytes.size();
}

}  // namespace flotilla
