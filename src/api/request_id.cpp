#include "api/request_id.hpp"

#include <algorithm>

#include "base/uuid.hpp"

namespace flotilla {

namespace {

constexpr std::size_t longest = 128;

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    });
}

}  // namespace

std::string request_id(const Headers& headers) {
    const auto given = find_header(headers, request_id_header);
    return given && is_token(*given) ? std::string(*given) : RandomIdMaker().uuid();
}

}  // namespace flotilla
