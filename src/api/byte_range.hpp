#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace flotilla {

/// Bytes `first` up to `last`, both included.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    [[nodiscard]] std::uint64_t length() const { return last - first + 1; }
    /// `bytes 0-4/10`: the Content-Range of an answer, out of `size` bytes.
    [[nodiscard]] std::string content_range(std::uint64_t size) const;
};

/// There is no range to honour: all is answered.
struct WholeBody {};

/// No byte of the range exists: 416.
struct UnsatisfiableRange {};

/// Reads a Range header for a body of `size` bytes (RFC 9110, section 14). Other units than bytes, malformed
/// ranges, several of them, and the end of an empty body count as no range, as section 14.2 allows.
[[nodiscard]] std::variant<WholeBody, ByteRange, UnsatisfiableRange> parse_byte_range(std::string_view header,
                                                                                      std::uint64_t size);

}  // namespace flotilla
