#include "base/letter_case.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(LetterCase, IsThatOfAsciiLettersAlone) {
    EXPECT_EQ(in_lower_case("AZ az @[ \xC3\x84 09"), "az az @[ \xC3\x84 09");
    EXPECT_TRUE(equal_without_case("Content-LENGTH", "content-length"));
    EXPECT_FALSE(equal_without_case("Content-Length", "content-lengt"));
    EXPECT_FALSE(equal_without_case("@", "`"));
    EXPECT_FALSE(equal_without_case("\xC3\x84", "\xC3\xA4"));
}

}  // namespace
}  // namespace flotilla
