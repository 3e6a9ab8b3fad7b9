#include "wire/utf8.hpp"

namespace flotilla {

namespace {

bool is_continuation(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) {
        return 1;
    }
    if (!is_continuation(text, at + 1)) {
        return 0;
    }
    const auto second = static_cast<unsigned char>(text[at + 1]);
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    const bool overlong_or_surrogate = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F);
    if (first >= 0xE0 && first <= 0xEF && !overlong_or_surrogate) {
        return is_continuation(text, at + 2) ? 3 : 0;
    }
    const bool out_of_range = (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    if (first >= 0xF0 && first <= 0xF4 && !out_of_range) {
        return is_continuation(text, at + 2) && is_continuation(text, at + 3) ? 4 : 0;
    }
    return 0;
}

bool is_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = utf8_length(text, at);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

}  // namespace flotilla
