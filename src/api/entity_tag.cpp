#include "api/entity_tag.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/http.hpp"
#include "base/crypto.hpp"

namespace flotilla {

std::string entity_tag(std::string_view body) {
    constexpr std::string_view prefix = "sha256:";
    constexpr std::size_t digits = 32;
    return fmt::format("\"{}\"", sha256_of(body).substr(prefix.size(), digits));
}

bool is_matched(std::string_view if_match, std::string_view tag) {
    return std::ranges::any_of(list_elements(if_match),
                               [&](std::string_view named) { return named == tag || named == "*"; });
}

}  // namespace flotilla
