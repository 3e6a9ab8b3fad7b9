#include "api/entity_tag.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/crypto.hpp"

namespace flotilla {

namespace {

std::string_view without_blanks_around(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

}  // namespace

std::string entity_tag(std::string_view body) {
    constexpr std::string_view prefix = "sha256:";
    constexpr std::size_t digits = 32;
    return fmt::format("\"{}\"", sha256_of(body).substr(prefix.size(), digits));
}

bool is_matched(std::string_view if_match, std::string_view tag) {
    std::string_view left = if_match;
    while (!left.empty()) {
        const auto end = std::min(left.find(','), left.size());
        const auto named = without_blanks_around(left.substr(0, end));
        if (named == tag || named == "*") {
            return true;
        }
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    return false;
}

}  // namespace flotilla
