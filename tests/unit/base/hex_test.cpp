#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(Hex, TextIsTwoDigitsAByte) {
    EXPECT_EQ(hex_text(std::string("\0\x7f\xff", 3)), "007fff");
    EXPECT_TRUE(is_hex_text("09af"));
    EXPECT_FALSE(is_hex_text("09AF"));
    EXPECT_FALSE(is_hex_text("0g"));
}

TEST(Hex, BytesComeBackFromTheirText) {
    const std::string bytes("\0\x7f\xff", 3);
    EXPECT_EQ(bytes_of_hex(hex_text(bytes)), bytes);
    EXPECT_EQ(bytes_of_hex(""), "");
    for (const char* text : {"0", "0g", "0A"}) {
        EXPECT_EQ(bytes_of_hex(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace flotilla
