#include "engine/docker/log_copy.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

/// A piece of output as a daemon sends it.
std::string frame(const std::string& output, char stream = 1) {
    std::string header(8, '\0');
    header[0] = stream;
    header[6] = static_cast<char>(output.size() / 256);
    header[7] = static_cast<char>(output.size() % 256);
    return header + output;
}

/// With the time that a daemon puts before it, at so many nanoseconds.
std::string timed_frame(const std::string& output, int at) {
    return frame(fmt::format("2026-01-02T03:04:05.{:09d}Z {}", at, output));
}

TEST(LogFrames, GivesThePiecesOfBothStreamsWhereverItIsCut) {
    const std::string stream = frame("one\n") + frame("two\n", 2) + frame(std::string(300, 'x')) + frame("");
    for (std::size_t size = 1; size < 20; ++size) {
        LogFrames frames;
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < stream.size(); at += size) {
            frames.take(std::string_view(stream).substr(at, size),
                        [&](std::string_view piece) { pieces.emplace_back(piece); });
        }
        EXPECT_EQ(pieces, (std::vector<std::string>{"one\n", "two\n", std::string(300, 'x')})) << size;
    }
}

class LogCopyTest : public testing::Test {
protected:
    /// Copies as much of the stream, in pieces, as a connection gives before it breaks.
    void copy(std::string_view stream, const LogRules& rules, bool is_whole = true) {
        LogCopy copy(file_, rules, false);
        for (std::size_t at = 0; at < stream.size(); at += 7) {
            copy.take(stream.substr(at, 7));
        }
        if (is_whole) {
            copy.finish();
        }
    }
    /// Copies that stream and then what the last pieces of the log have besides; false if that cannot be
    /// told.
    bool copy_with_end(std::string_view stream, std::string_view end, bool is_timed = true) {
        LogCopy copy(file_, {.limit = 1'000'000, .masked = {}}, is_timed);
        copy.take(stream);
        return copy.take_end(end);
    }
    [[nodiscard]] std::string content() const { return read_file(file_).value_or(""); }

    test::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "logs/ab/run.log";
};

TEST_F(LogCopyTest, WritesEveryByteOnceHoweverOftenItIsInterrupted) {
    const std::string stream = frame("first line\n") + frame("second\xff\n") + frame("and the end");
    for (std::size_t size = 0; size < stream.size(); size += 5) {
        copy(std::string_view(stream).substr(0, size), {.limit = 1000, .masked = {}}, false);
    }
    copy(stream, {.limit = 1000, .masked = {}});
    EXPECT_EQ(content(), "first line\nsecond\xff\nand the end");
}

TEST_F(LogCopyTest, HidesAndBoundsAlikeHoweverOftenItIsInterrupted) {
    const std::string stream = frame("the token is t0k") + frame("en, and more\n") + frame("of it\n");
    const LogRules rules{.limit = 20, .masked = {"t0ken"}};
    for (std::size_t size = 0; size < stream.size(); size += 3) {
        copy(std::string_view(stream).substr(0, size), rules, false);
    }
    copy(stream, rules);
    copy(stream, rules);
    EXPECT_EQ(content(),
              "the token \n[flotilla: log limit of 20 bytes reached, 17 bytes are left out here]\nof it\n");
}

TEST_F(LogCopyTest, GoesOnWhereverACrashCutTheEndOff) {
    const std::string stream = frame(std::string(40, 'a') + "\n") + frame("t0k") + frame("en\nlast line\n");
    const LogRules rules{.limit = 32, .masked = {"t0ken"}};
    copy(stream, rules);
    const std::string whole = content();
    EXPECT_EQ(
        whole,
        std::string(16, 'a') +
            "\n[flotilla: log limit of 32 bytes reached, 25 bytes are left out here]\n***\nlast line\n");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::filesystem::resize_file(file_, size);
        copy(stream, rules);
        EXPECT_EQ(content(), whole) << size;
        write_file(file_, whole);
    }
}

TEST_F(LogCopyTest, SaysThatTheDiskFailsIfTheEndOfALogCannotBeKept) {
    copy(frame("begin"), {.limit = 10, .masked = {}}, false);
    std::filesystem::create_directory(file_.string() + ".end");
    EXPECT_THROW(copy(frame("begin and much more"), {.limit = 10, .masked = {}}), std::system_error);
    std::filesystem::remove(file_.string() + ".end");
    copy(frame("begin, end"), {.limit = 10, .masked = {}});
    EXPECT_EQ(content(), "begin, end");
}

TEST_F(LogCopyTest, TakesTheTimesAway) {
    EXPECT_TRUE(copy_with_end(timed_frame("one\n", 1) + timed_frame("\n", 2),
                              timed_frame("one\n", 1) + timed_frame("\n", 2)));
    EXPECT_EQ(content(), "one\n\n");
    LogCopy copy(file_, {.limit = 1000, .masked = {}}, true);
    EXPECT_THROW(copy.take(frame("a piece that has no time before it")), std::runtime_error);
}

TEST_F(LogCopyTest, TakesOfTheEndWhatHasNotComeYet) {
    const std::string begin = timed_frame("a\n", 1) + timed_frame("a\n", 2);
    const std::string rest = timed_frame("a\n", 3) + timed_frame("b", 4);
    EXPECT_TRUE(copy_with_end(begin + rest.substr(0, 12), begin + rest)) << "of the third a part has come";
    EXPECT_EQ(content(), "a\na\na\nb");
}

TEST_F(LogCopyTest, TakesOfALongLogsEndWhatHasNotComeYet) {
    std::string stream;
    std::string end;
    std::string whole;
    constexpr int missing = 10;
    constexpr int all = 2 * static_cast<int>(LogCopy::most_of_the_end);
    for (int i = 0; i < all; ++i) {
        const std::string piece = timed_frame("tick\n", i);
        stream += i < all - missing ? piece : "";
        end += i >= all - static_cast<int>(LogCopy::most_of_the_end) ? piece : "";
        whole += "tick\n";
    }
    EXPECT_TRUE(copy_with_end(stream, end));
    EXPECT_EQ(content(), whole);
}

TEST_F(LogCopyTest, DoesNotGuessWhatTheEndHasBesides) {
    std::string same;
    std::string later;
    for (std::size_t i = 0; i < LogCopy::most_of_the_end; ++i) {
        same += timed_frame("of one long line", 1);
        later += timed_frame("tick\n", static_cast<int>(i) + 2);
    }
    const std::string begin = timed_frame("tick\n", 1);
    EXPECT_FALSE(copy_with_end(same + same, same)) << "pieces of one line have one time";
    std::filesystem::remove(file_);
    EXPECT_FALSE(copy_with_end(begin, later)) << "more is missing than the end has";
    EXPECT_EQ(content(), "tick\n");
    std::filesystem::remove(file_);
    EXPECT_FALSE(copy_with_end(begin, timed_frame("tock\n", 1))) << "another log";
    EXPECT_FALSE(copy_with_end(frame("tick\n"), frame("tick\n"), false)) << "without times";
}

}  // namespace
}  // namespace flotilla
