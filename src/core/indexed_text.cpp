#include "core/indexed_text.hpp"

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/utf8.hpp"

namespace flotilla {

std::optional<std::string> indexed_text_mistake(std::string_view field, std::string_view text) {
    if (text.size() <= longest_indexed_text) {
        return std::nullopt;
    }
    return fmt::format("{} must have at most {} bytes, was {}", field, longest_indexed_text, text.size());
}

std::string fitted_indexed_text(std::string_view text) {
    if (text.size() <= longest_indexed_text) {
        return std::string(text);
    }
    const std::string end = "-" + sha256_of(text);
    const auto begin = text.substr(0, longest_indexed_text - end.size());
    return std::string(begin.substr(0, whole_characters(begin))) + end;
}

}  // namespace flotilla
