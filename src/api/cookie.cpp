#include "api/cookie.hpp"

#include <algorithm>

#include "base/letter_case.hpp"

namespace flotilla {

std::optional<std::string_view> find_cookie(const Headers& headers, std::string_view name) {
    for (const auto& [field, value] : headers) {
        std::string_view left = equal_without_case(field, "Cookie") ? std::string_view(value) : "";
        while (!left.empty()) {
            left.remove_prefix(std::min(left.find_first_not_of(" \t"), left.size()));
            const auto end = std::min(left.find(';'), left.size());
            const auto pair = left.substr(0, end);
            const auto equals = pair.find('=');
            if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
                return pair.substr(equals + 1);
            }
            left.remove_prefix(std::min(end + 1, left.size()));
        }
    }
    return std::nullopt;
}

}  // namespace flotilla
