#include "api/byte_range.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

/// What a Range header means for a body of ten bytes, or of `size`.
std::string meaning(std::string_view header, std::uint64_t size = 10) {
    const auto parsed = parse_byte_range(header, size);
    if (const auto* range = std::get_if<ByteRange>(&parsed)) {
        return range->content_range(size);
    }
    return std::holds_alternative<WholeBody>(parsed) ? "whole" : "unsatisfiable";
}

TEST(ByteRangeTest, ARangeHasBothEndsOrOne) {
    EXPECT_EQ(meaning("bytes=0-0"), "bytes 0-0/10");
    EXPECT_EQ(meaning("bytes=2-5"), "bytes 2-5/10");
    EXPECT_EQ(meaning("bytes=5-"), "bytes 5-9/10");
    EXPECT_EQ(meaning("bytes=-3"), "bytes 7-9/10");
    EXPECT_EQ(meaning("Bytes= 2-5 "), "bytes 2-5/10");
    EXPECT_EQ((ByteRange{2, 5}.length()), 4U);
}

TEST(ByteRangeTest, WhatGoesBeyondTheEndStopsThere) {
    EXPECT_EQ(meaning("bytes=5-100"), "bytes 5-9/10");
    EXPECT_EQ(meaning("bytes=-100"), "bytes 0-9/10");
    EXPECT_EQ(meaning("bytes=5-99999999999999999999999"), "bytes 5-9/10");
    EXPECT_EQ(meaning("bytes=-99999999999999999999999"), "bytes 0-9/10");
}

TEST(ByteRangeTest, WhatBeginsBeyondTheEndCannotBeHad) {
    EXPECT_EQ(meaning("bytes=10-"), "unsatisfiable");
    EXPECT_EQ(meaning("bytes=10-12"), "unsatisfiable");
    EXPECT_EQ(meaning("bytes=99999999999999999999999-"), "unsatisfiable");
    EXPECT_EQ(meaning("bytes=-0"), "unsatisfiable");
    EXPECT_EQ(meaning("bytes=0-", 0), "unsatisfiable");
}

TEST(ByteRangeTest, WhatIsNoSingleRangeIsIgnored) {
    for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=5-2", "bytes=a-b",
                               "bytes=1-2,4-5", "bytes=0-1,", "bytes=+1-2", "bytes=1 - 2", "bytes=1-2-3",
                               "bytes=0x1-2", "bytes=--1", "bytes =1-2", "lines=1-2", "bytes=1-2;x"}) {
        EXPECT_EQ(meaning(header), "whole") << header;
    }
    EXPECT_EQ(meaning("bytes=-5", 0), "whole") << "an empty body has no last bytes";
}

}  // namespace
}  // namespace flotilla
