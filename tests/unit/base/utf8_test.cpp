#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(Utf8Test, TextsOfEveryLengthOfCharacterAreUtf8) {
    for (const char* text :
         {"", "a", "\u00e9", "\u20ac", "\U0001F600", "a\u00e9\u20ac\U0001F600z", "\uD7FF\uE000"}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
}

TEST(Utf8Test, OverlongSurrogateCutAndStrayBytesAreNot) {
    for (const char* text : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xE2\x82",
                             "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xE9z"}) {
        EXPECT_FALSE(is_utf8(text)) << text;
    }
}

TEST(AsUtf8, LeavesValidTextAlone) {
    for (const char* text : {"", "plain", "\u00e9", "\u2028 \U0001F600", "\u007f"}) {
        EXPECT_EQ(as_utf8(text), text);
    }
}

TEST(AsUtf8, ReplacesEachByteThatIsNotPartOfACharacter) {
    EXPECT_EQ(as_utf8("a\xff"
                      "b"),
              "a\uFFFDb");
    EXPECT_EQ(as_utf8("\xc3"), "\uFFFD");                      // cut off
    EXPECT_EQ(as_utf8("\xc0\xaf"), "\uFFFD\uFFFD");            // overlong
    EXPECT_EQ(as_utf8("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
    EXPECT_EQ(as_utf8("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(as_utf8(std::string_view("a\0b", 3)), std::string("a\0b", 3));
}

TEST(WholeCharacters, LeavesOutOnlyACharacterThatIsCutOff) {
    EXPECT_EQ(whole_characters("ab"), 2U);
    EXPECT_EQ(whole_characters("ab\xc3"), 2U);
    EXPECT_EQ(whole_characters("ab\xc3\xa9"), 4U);
    EXPECT_EQ(whole_characters("\xf0\x9f\x98"), 0U);
    EXPECT_EQ(whole_characters("ab\xff"), 3U);
    EXPECT_EQ(whole_characters("\x80\x80"), 2U);
}

}  // namespace
}  // namespace flotilla
