#include "logs/log_lines.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

using Lines = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

constexpr std::size_t mebi = 1024 * 1024;

class TextBytes final : public LogBytes {
public:
    explicit TextBytes(std::string text) : text_(std::move(text)) {}
    std::int64_t size() const override { return static_cast<std::int64_t>(text_.size()); }
    std::string read(std::int64_t offset, std::size_t count) override {
        return text_.substr(static_cast<std::size_t>(offset), count);
    }

private:
    std::string text_;
};

std::unique_ptr<LogBytes> log_of(std::string_view bytes) {
    return std::make_unique<TextBytes>(std::string(bytes));
}

std::string numbered_lines(int count) {
    std::string text;
    for (int line = 1; line <= count; ++line) {
        text += "line " + std::to_string(line) + " of a log that is longer than a block\n";
    }
    return text;
}

TEST(LogLinesTest, LinesComeByTheirNumbers) {
    const auto file = log_of("one\ntwo\n\nfour\n");
    const auto range = read_lines(*file, true, 2, 2);
    EXPECT_EQ(range.lines, (Lines{"two", ""}));
    EXPECT_EQ(range.first, 2);
    EXPECT_EQ(range.total, 4);
    EXPECT_EQ(range.length, 14);
    EXPECT_EQ(read_lines(*file, true, 4, 9).lines, Lines{"four"});
    EXPECT_EQ(read_lines(*file, true, 5, 9).lines, Lines{});
    EXPECT_EQ(read_lines(*file, true, 1, 1).lines, Lines{"one"});
}

TEST(LogLinesTest, WithoutANumberTheLastLinesCome) {
    const auto file = log_of("one\ntwo\nthree\n");
    EXPECT_EQ(read_lines(*file, true, {}, 2).lines, (Lines{"two", "three"}));
    EXPECT_EQ(read_lines(*file, true, {}, 2).first, 2);
    EXPECT_EQ(read_lines(*file, true, {}, 10).lines, (Lines{"one", "two", "three"}));
    EXPECT_EQ(read_lines(*file, true, {}, 10).first, 1);
}

TEST(LogLinesTest, ALineThatIsBeingWrittenIsLeftOutUntilNothingMoreComes) {
    const auto file = log_of("one\ntw");
    const auto live = read_lines(*file, false, {}, 10);
    EXPECT_EQ(live.lines, Lines{"one"});
    EXPECT_EQ(live.total, 1);
    EXPECT_EQ(live.length, 4);
    EXPECT_EQ(live.unfinished, "tw");
    const auto ended = read_lines(*file, true, {}, 10);
    EXPECT_EQ(ended.lines, (Lines{"one", "tw"}));
    EXPECT_EQ(ended.total, 2);
    EXPECT_EQ(ended.length, 6);
    EXPECT_EQ(ended.unfinished, "");
}

TEST(LogLinesTest, OfALineThatIsBeingWrittenItsNewestStateIsTold) {
    EXPECT_EQ(read_lines(*log_of("one\n 1%\r 2%"), false, 1, 1).unfinished, " 2%");
    EXPECT_EQ(read_lines(*log_of(" 1%\r 2%"), false, {}, 1).unfinished, " 2%");
    EXPECT_EQ(read_lines(*log_of("one\n"), false, {}, 1).unfinished, "");
    const auto long_line = log_of("one\n" + std::string(5 * mebi, 'x') + "end");
    EXPECT_TRUE(read_lines(*long_line, false, 1, 1).unfinished.ends_with("xend"));
}

TEST(LogLinesTest, AnEmptyLogHasNoLines) {
    const auto file = log_of("");
    EXPECT_EQ(read_lines(*file, true, {}, 10).lines, Lines{});
    EXPECT_EQ(read_lines(*file, true, {}, 10).total, 0);
    EXPECT_EQ(find_lines(*file, true, {"x"}).total, 0);
}

TEST(LogLinesTest, EveryLineOfALogOfManyBlocksIsFound) {
    constexpr int count = 100'000;
    const auto file = log_of(numbered_lines(count));
    for (const int line : {1, 2, 20'000, 23'456, 99'999, count}) {
        const auto range = read_lines(*file, true, line, 1);
        EXPECT_EQ(range.lines,
                  Lines{"line " + std::to_string(line) + " of a log that is longer than a block"});
        EXPECT_EQ(range.total, count);
    }
}

TEST(LogLinesTest, ALineThatBeginsAtABlockIsFound) {
    const std::string first(mebi - 1, 'a');
    const auto file = log_of(first + "\nsecond\n" + std::string(mebi, 'b') + "\nfourth\n");
    EXPECT_EQ(read_lines(*file, true, 2, 1).lines, Lines{"second"});
    EXPECT_EQ(read_lines(*file, true, 4, 1).lines, Lines{"fourth"});
}

TEST(LogLinesTest, OfALongLineBeginningAndEndAreShown) {
    const auto file = log_of("begin" + std::string(5 * mebi, 'x') + "end\nnext\n");
    const auto range = read_lines(*file, true, 1, 2);
    ASSERT_EQ(range.lines.size(), 2U);
    EXPECT_TRUE(range.lines[0].starts_with("beginxxx"));
    EXPECT_TRUE(range.lines[0].ends_with("xxxend"));
    EXPECT_LT(range.lines[0].size(), most_of_a_line + 10);
    EXPECT_EQ(range.lines[1], "next");
}

TEST(LogLinesTest, NoAnswerIsEndless) {
    std::string text;
    for (int line = 0; line < 1000; ++line) {
        text += std::string(10'000, 'x') + "\n";
    }
    const auto file = log_of(text);
    const auto range = read_lines(*file, true, 1, 1000);
    EXPECT_LT(range.lines.size(), 500U);
    EXPECT_GT(range.lines.size(), 400U);
    EXPECT_EQ(range.total, 1000);
}

TEST(LogLinesTest, WhatIsNoTextIsReplaced) {
    const auto file = log_of("\xff!\n");
    EXPECT_EQ(read_lines(*file, true, 1, 1).lines, Lines{"\xef\xbf\xbd!"});
}

TEST(LogLinesTest, TheLinesThatHaveATextAreFound) {
    const auto file = log_of("Epoch 1\nloss\nepoch 2 epoch\nlast EPOCH");
    EXPECT_EQ(find_lines(*file, true, {"epoch"}).lines, Numbers{3});
    EXPECT_EQ(find_lines(*file, true, {"epoch", true}).lines, (Numbers{1, 3, 4}));
    EXPECT_EQ(find_lines(*file, true, {"EpOcH", true}).total, 3);
    EXPECT_EQ(find_lines(*file, false, {"epoch", true}).lines, (Numbers{1, 3}));
    EXPECT_EQ(find_lines(*file, true, {"nothing", true}).lines, Numbers{});
}

TEST(LogLinesTest, ATextIsFoundWhereverBlocksAreCut) {
    const std::string first(mebi - 3, 'a');
    const auto across =
        log_of("x\n" + first + "needle\nneedle\n" + std::string(3 * mebi, 'b') + "needle\nend\n");
    EXPECT_EQ(find_lines(*across, true, {"needle"}).lines, (Numbers{2, 3, 4}));
    EXPECT_EQ(find_lines(*across, true, {"end"}).lines, Numbers{5});
}

TEST(LogLinesTest, ATextIsFoundAsItIsShown) {
    const auto file =
        log_of("\x1b[32mINFO\x1b[0m: ok\nabcdef\rxyz\n\x1b[1;31mwin\x1b[0mdows\r\n\x1b[35m50%\r\x1b[Kdone");
    EXPECT_EQ(find_lines(*file, true, {"INFO: ok"}).lines, Numbers{1});
    EXPECT_EQ(find_lines(*file, true, {"info: OK", true}).lines, Numbers{1});
    EXPECT_EQ(find_lines(*file, true, {"windows"}).lines, Numbers{3});
    EXPECT_EQ(find_lines(*file, true, {"done"}).lines, Numbers{4});
    for (const std::string_view unseen : {"[0m", "31", "abcdef", "50%", "\r"}) {
        EXPECT_EQ(find_lines(*file, true, {unseen}).lines, Numbers{}) << unseen;
    }
}

TEST(LogLinesTest, OfALineLongerThanBlocksWhatIsShownIsFound) {
    // The third block ends before the text, in it, and in the sequence within it.
    for (const std::size_t before : {0U, 2U, 3U, 5U, 10U}) {
        const auto file = log_of("hidden" + std::string(mebi, 'a') + "\r" +
                                 std::string(2 * mebi - 7 - before, 'b') + "nee\x1b[31mdle\n");
        EXPECT_EQ(find_lines(*file, true, {"NEEDLE", true}).lines, Numbers{1});
        EXPECT_EQ(find_lines(*file, true, {"hidden"}).lines, Numbers{});
    }
    const std::string filling(2 * mebi - 1, 'a');
    EXPECT_EQ(find_lines(*log_of("hidden" + filling + "\r\rend\n"), true, {"hidden"}).lines, Numbers{});
    EXPECT_EQ(find_lines(*log_of("shown" + filling + "\r\r\n"), true, {"shown"}).lines, Numbers{1});
}

TEST(LogLinesTest, OfManyMatchesSoManyAreNamedFromAnyOnAndAllCounted) {
    constexpr int count = 25'000;
    const auto file = log_of(numbered_lines(count));
    const auto found = find_lines(*file, true, {"line"});
    EXPECT_EQ(found.total, count);
    EXPECT_EQ(found.lines.size(), most_matches);
    EXPECT_EQ(found.lines.back(), 10'000);
    const auto rest = find_lines(*file, true, {.text = "line", .offset = 20'000});
    EXPECT_EQ(rest.total, count);
    EXPECT_EQ(rest.lines.front(), 20'001);
    EXPECT_EQ(rest.lines.back(), count);
    EXPECT_EQ(find_lines(*file, true, {.text = "line", .offset = count}).lines, Numbers{});
    EXPECT_EQ(find_lines(*file, true, {"line 25000 "}).lines, Numbers{count});
}

}  // namespace
}  // namespace flotilla
