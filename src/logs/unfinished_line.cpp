#include "logs/unfinished_line.hpp"

#include "base/utf8.hpp"
#include "logs/shown_text.hpp"

namespace flotilla {

namespace {

bool goes_on_a_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

std::string unfinished_line(std::string_view bytes) {
    bytes.remove_prefix(overwritten_length(bytes));
    bytes = bytes.substr(0, bytes.find_last_not_of('\r') + 1);
    if (bytes.size() > most_of_an_unfinished_line) {
        bytes.remove_prefix(bytes.size() - most_of_an_unfinished_line);
        for (int left = 3; left > 0 && goes_on_a_character(bytes.front()); --left) {
            bytes.remove_prefix(1);
        }
    }
    return as_utf8(bytes.substr(0, whole_characters(bytes)));
}

}  // namespace flotilla
