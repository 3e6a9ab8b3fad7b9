#include "api/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "base/letter_case.hpp"
#include "base/trimmed.hpp"

namespace flotilla {

namespace {

/// A number of one or more digits; one that is too large for us is as large as any.
std::optional<std::uint64_t> parse_number(std::string_view text) {
    const bool is_number =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    return result.ec == std::errc{} ? number : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

std::string ByteRange::content_range(std::uint64_t size) const {
    return fmt::format("bytes {}-{}/{}", first, last, size);
}

std::variant<WholeBody, ByteRange, UnsatisfiableRange> parse_byte_range(std::string_view header,
                                                                        std::uint64_t size) {
    const auto equals = header.find('=');
    if (equals == std::string_view::npos || !equal_without_case(header.substr(0, equals), "bytes")) {
        return WholeBody{};
    }
    const std::string_view range = trimmed(header.substr(equals + 1));
    const auto dash = range.find('-');
    if (dash == std::string_view::npos) {
        return WholeBody{};
    }
    const std::string_view begin = range.substr(0, dash);
    const std::string_view end = range.substr(dash + 1);
    const auto last = parse_number(end);
    if (begin.empty() && last) {
        if (*last == 0) {
            return UnsatisfiableRange{};
        }
        const auto length = std::min(*last, size);
        return length == 0 ? std::variant<WholeBody, ByteRange, UnsatisfiableRange>(WholeBody{})
                           : ByteRange{size - length, size - 1};
    }
    const auto first = parse_number(begin);
    if (!first || (!last && !end.empty()) || (last && *last < *first)) {
        return WholeBody{};
    }
    if (*first >= size) {
        return UnsatisfiableRange{};
    }
    return ByteRange{*first, std::min(last.value_or(size - 1), size - 1)};
}

}  // namespace flotilla
