#include "api/byte_range.hpp"
#include "fuzz_target.hpp"

namespace flotilla::fuzz {

void range(std::string_view input) {
    const std::uint64_t size = take_byte(input);
    const auto parsed = parse_byte_range(input, size);
    if (const auto* part = std::get_if<ByteRange>(&parsed)) {
        require(part->first <= part->last && part->last < size, "a range lies within the body");
        require(part->length() <= size, "a range is no longer than the body");
    }
}

}  // namespace flotilla::fuzz
