#include "logs/log_position.hpp"

#include <charconv>

#include "base/error.hpp"

namespace flotilla {

namespace {

template <typename Integer>
bool take_number(std::string_view& text, Integer& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{} && number >= 0;
}

}  // namespace

std::string LogPosition::token() const {
    return fmt::format("{}/{}", attempt, offset);
}

LogPosition parse_log_position(std::string_view token) {
    LogPosition position;
    std::string_view rest = token;
    const bool has_attempt = take_number(rest, position.attempt) && rest.starts_with('/');
    if (has_attempt) {
        rest.remove_prefix(1);
    }
    if (!has_attempt || !take_number(rest, position.offset) || !rest.empty()) {
        throw invalid("last_seen [{}] is not a token that this server gave out", token);
    }
    return position;
}

}  // namespace flotilla
