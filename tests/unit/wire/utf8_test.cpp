#include "wire/utf8.hpp"

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

}  // namespace
}  // namespace flotilla
