#include "logs/shown_text.hpp"

#include <algorithm>
#include <cstring>

namespace flotilla {

namespace {

constexpr char escape = '\x1b';

bool is_between(char byte, char first, char last) {
    return byte >= first && byte <= last;
}

/// The length of what begins `text` with any number of bytes from `first` to `last`.
std::size_t run_length(std::string_view text, char first, char last) {
    const auto end =
        std::find_if_not(text.begin(), text.end(), [&](char byte) { return is_between(byte, first, last); });
    return static_cast<std::size_t>(end - text.begin());
}

/// The length of `begun` bytes, those from space to `/` after them, and one from `first_end` to `~`.
std::size_t ended_length(std::string_view text, std::size_t begun, char first_end) {
    begun += run_length(text.substr(begun), ' ', '/');
    return begun < text.size() && is_between(text[begun], first_end, '~') ? begun + 1 : 0;
}

/// The length of the escape sequence with which `text` begins; 0 if it is none.
std::size_t sequence_length(std::string_view text) {
    text = text.substr(0, most_of_an_escape_sequence);
    if (text.size() < 2) {
        return 0;
    }
    constexpr std::string_view begins_a_string = "]PX^_";
    if (text[1] == '[') {
        return ended_length(text, 2 + run_length(text.substr(2), '0', '?'), '@');
    }
    if (begins_a_string.find(text[1]) == std::string_view::npos) {
        return ended_length(text, 1, '0');
    }
    const auto end = text.find_first_of("\a\x1b", 2);
    if (end == std::string_view::npos) {
        return 0;
    }
    if (text[end] == '\a') {
        return end + 1;
    }
    return text.substr(end + 1).starts_with('\\') ? end + 2 : 0;
}

void append_shown(std::string_view line, std::string& shown) {
    line.remove_prefix(overwritten_length(line));
    line = line.substr(0, line.find_last_not_of('\r') + 1);
    while (!line.empty()) {
        const auto text = std::min(line.find(escape), line.size());
        shown += line.substr(0, text);
        line.remove_prefix(text);
        if (!line.empty()) {
            const auto length = sequence_length(line);
            shown += line.substr(0, length == 0 ? 1 : 0);
            line.remove_prefix(std::max<std::size_t>(length, 1));
        }
    }
}

}  // namespace

std::size_t overwritten_length(std::string_view line) {
    line = line.substr(0, line.find_last_not_of('\r') + 1);
    const void* last = line.empty() ? nullptr : ::memrchr(line.data(), '\r', line.size());
    return last == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(last) - line.data()) + 1;
}

std::string shown_text(std::string_view text) {
    if (text.find(escape) == std::string_view::npos && text.find('\r') == std::string_view::npos) {
        return std::string(text);
    }
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        append_shown(text.substr(0, end), shown);
        shown += text.substr(end, 1);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return shown;
}

std::size_t undecided_length(std::string_view part) {
    if (part.ends_with('\r')) {
        return 1;
    }
    const auto last = part.rfind(escape);
    const std::size_t length = last == std::string_view::npos ? 0 : part.size() - last;
    return length < most_of_an_escape_sequence && sequence_length(part.substr(part.size() - length)) == 0
               ? length
               : 0;
}

}  // namespace flotilla
