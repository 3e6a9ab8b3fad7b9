#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace flotilla {

// Of ASCII letters; everything else stays as it is.

[[nodiscard]] constexpr char in_lower_case(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return in_lower_case(c); });
    return lower;
}

[[nodiscard]] constexpr bool equal_without_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return in_lower_case(a) == in_lower_case(b); });
}

}  // namespace flotilla
