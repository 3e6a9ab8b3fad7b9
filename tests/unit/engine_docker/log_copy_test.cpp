#include "engine/docker/log_copy.hpp"

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

TEST(LogFrames, GivesTheOutputOfBothStreamsWhereverItIsCut) {
    const std::string stream = frame("one\n") + frame("two\n", 2) + frame(std::string(300, 'x')) + frame("");
    for (std::size_t size = 1; size < 20; ++size) {
        LogFrames frames;
        std::string output;
        for (std::size_t at = 0; at < stream.size(); at += size) {
            output += frames.take(std::string_view(stream).substr(at, size));
        }
        EXPECT_EQ(output, "one\ntwo\n" + std::string(300, 'x')) << size;
    }
}

class LogCopyTest : public testing::Test {
protected:
    /// Copies as much of the stream, in pieces, as a connection gives before it breaks.
    void copy(std::string_view stream, const LogRules& rules, bool is_whole = true) {
        LogCopy copy(file_, rules);
        for (std::size_t at = 0; at < stream.size(); at += 7) {
            copy.take(stream.substr(at, 7));
        }
        if (is_whole) {
            copy.finish();
        }
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
              "the token is ***, an\n[flotilla: log limit of 20 bytes reached, the rest is dropped]\n");
}

}  // namespace
}  // namespace flotilla
