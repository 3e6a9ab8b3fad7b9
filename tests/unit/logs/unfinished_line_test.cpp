#include "logs/unfinished_line.hpp"

#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace flotilla {
namespace {

TEST(UnfinishedLineTest, ALineShowsAllThatWasWrittenOfIt) {
    EXPECT_EQ(unfinished_line("Progress: 10%"), "Progress: 10%");
    EXPECT_EQ(unfinished_line(""), "");
}

TEST(UnfinishedLineTest, WhatOverwritesItselfShowsWhatItWroteLast) {
    EXPECT_EQ(unfinished_line("\r 10%\r 20%\r 30%"), " 30%");
    EXPECT_EQ(unfinished_line("10%\r20%\r"), "20%") << "some write the carriage return first, some last";
    EXPECT_EQ(unfinished_line("of windows\r\r"), "of windows");
    EXPECT_EQ(unfinished_line("\r"), "");
}

TEST(UnfinishedLineTest, OfALongLineTheEndShows) {
    std::string line;
    while (line.size() < 100'000) {
        line += "x\u00e9\U0001F600";
    }
    const auto shown = unfinished_line(line);
    EXPECT_TRUE(line.ends_with(shown));
    EXPECT_GT(shown.size(), most_of_an_unfinished_line - 4);
    EXPECT_LE(shown.size(), most_of_an_unfinished_line);
    EXPECT_TRUE(is_utf8(shown));
}

TEST(UnfinishedLineTest, ACharacterOfWhichAPartIsWrittenWaits) {
    EXPECT_EQ(unfinished_line("caf\xc3"), "caf");
    EXPECT_EQ(unfinished_line("\xff!"), "\uFFFD!");
    EXPECT_EQ(unfinished_line(std::string(20'000, '\x80')).size(), 3 * (most_of_an_unfinished_line - 3));
}

}  // namespace
}  // namespace flotilla
