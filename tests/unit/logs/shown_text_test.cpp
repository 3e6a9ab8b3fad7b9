#include "logs/shown_text.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(ShownTextTest, TextWithoutControlsIsShownAsItIs) {
    EXPECT_EQ(shown_text("plain, caf\u00e9\nand\n\nmore"), "plain, caf\u00e9\nand\n\nmore");
    EXPECT_EQ(shown_text(""), "");
}

TEST(ShownTextTest, EscapeSequencesAreNotShown) {
    EXPECT_EQ(shown_text("\x1b[32mINFO\x1b[0m: ok"), "INFO: ok");
    EXPECT_EQ(shown_text("\x1b[38:2::1:2:3m\x1b[2K\x1b[?25l\x1b[1 qtext"), "text")
        << "5.4: control sequences";
    EXPECT_EQ(shown_text("\x1b]0;title\a\x1b]8;;https://example.org\x1b\\link\x1bP1$r\x1b\\"), "link")
        << "5.6: control strings";
    EXPECT_EQ(shown_text("\x1b(B\x1b"
                         "7\x1b=text\x1b"
                         "c"),
              "text")
        << "5.3: escape sequences of two bytes, and of more (ECMA-35)";
}

TEST(ShownTextTest, WhatIsNoWholeSequenceIsShown) {
    for (const std::string text :
         {"a\x1b", "a\x1b[31", "a\x1b]0;title", "a\x1b[3\x01m", "\x1b\x1b", "\x1b[\nm"}) {
        EXPECT_EQ(shown_text(text), text);
    }
    const std::string endless = "\x1b]" + std::string(most_of_an_escape_sequence, 'x') + "\a";
    EXPECT_EQ(shown_text(endless), endless);
}

TEST(ShownTextTest, OfWhatOverwritesItselfTheEndIsShown) {
    EXPECT_EQ(shown_text("10%\r20%\r\x1b[2K30%\nof windows\r\r\n\rb\n\r\n"), "30%\nof windows\nb\n\n");
    EXPECT_EQ(overwritten_length("10%\r20%\r"), 4U);
    EXPECT_EQ(overwritten_length("of windows\r\r"), 0U);
    EXPECT_EQ(overwritten_length("\r"), 0U);
}

TEST(ShownTextTest, WhatComesNextDecidesOnWhatIsBegun) {
    EXPECT_EQ(undecided_length("text"), 0U);
    EXPECT_EQ(undecided_length("text\x1b[31m"), 0U);
    EXPECT_EQ(undecided_length("text\x1b[31"), 4U);
    EXPECT_EQ(undecided_length("text\r\r"), 1U);
    EXPECT_EQ(undecided_length("\x1b[3" + std::string(most_of_an_escape_sequence, '1')), 0U);
}

}  // namespace
}  // namespace flotilla
