#include "engine/bounded_log.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

std::string marker(std::int64_t limit, std::size_t left_out) {
    return fmt::format("[flotilla: log limit of {} bytes reached, {} bytes are left out here]\n", limit,
                       left_out);
}

/// Numbered lines of 8 bytes.
std::string lines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += fmt::format("{:07}\n", i);
    }
    return text;
}

class BoundedLogTest : public testing::Test {
protected:
    /// The log of a whole output that comes in pieces of that size, and is known up to a byte.
    std::string log_of(std::string_view output, std::int64_t limit, std::size_t piece,
                       std::int64_t known = 0) {
        const UniqueFd file = open_file();
        BoundedLog log(file.get(), place_, limit, known);
        for (std::size_t at = 0; at < output.size(); at += piece) {
            const auto part = output.substr(at, piece);
            EXPECT_EQ(log.write(part), part.size());
        }
        finish(log);
        return content();
    }
    std::string log_of(std::string_view output, std::int64_t limit) {
        std::filesystem::remove(path_);
        return log_of(output, limit, 4096);
    }
    [[nodiscard]] UniqueFd open_file() const {
        return UniqueFd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    }
    static void finish(BoundedLog& log) {
        for (auto piece = log.rest(); !piece.empty(); piece = log.rest()) {
            EXPECT_LE(piece.size(), 100'000U);
            EXPECT_EQ(log.write(piece), piece.size());
        }
        EXPECT_EQ(log.left(), 0);
    }
    [[nodiscard]] std::string content() const { return read_file(path_).value_or(""); }

    test::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_.path() / "log";
    PlaceOfEnd place_{AT_FDCWD, folder_.path() / "log.end"};
};

TEST_F(BoundedLogTest, IsWholeUpToItsLimit) {
    for (const std::size_t size : {0U, 1U, 49U, 50U, 51U, 99U, 100U}) {
        EXPECT_EQ(log_of(std::string(size, 'x'), 100), std::string(size, 'x')) << size;
    }
}

TEST_F(BoundedLogTest, LeavesOutTheMiddleBeyondItsLimitAndSaysHowMuch) {
    const std::string output = std::string(50, 'a') + "-" + std::string(50, 'z');
    EXPECT_EQ(log_of(output, 100), std::string(50, 'a') + "\n" + marker(100, 1) + std::string(50, 'z'));
    EXPECT_EQ(log_of(std::string(50, 'a') + std::string(100'000, '-') + std::string(50, 'z'), 100),
              std::string(50, 'a') + "\n" + marker(100, 100'000) + std::string(50, 'z'));
}

TEST_F(BoundedLogTest, ItsEndBeginsWithALineIfOneBeginsNearby) {
    EXPECT_EQ(log_of(lines(100), 100),
              lines(100).substr(0, 50) + "\n" + marker(100, 702) + lines(100).substr(752));
    EXPECT_EQ(log_of(lines(100), 96), lines(6) + marker(96, 704) + lines(100).substr(752))
        << "a line begins where the end does";
    const std::string long_line = std::string(80, 'a') + std::string(25, 'x') + "\nlast line of the job\n...";
    EXPECT_EQ(log_of(long_line, 100), std::string(50, 'a') + "\n" + marker(100, long_line.size() - 100) +
                                          long_line.substr(long_line.size() - 50))
        << "the only line begins too far away";
}

TEST_F(BoundedLogTest, IsTheSameHoweverItsOutputIsCutAndHowMuchOfItIsKnown) {
    const std::string output = lines(60) + "and a last one";
    for (const std::int64_t limit : {1, 2, 3, 64, 101, 400, 493, 494}) {
        const std::string whole = log_of(output, limit);
        for (std::size_t piece = 1; piece < 120; ++piece) {
            std::filesystem::remove(path_);
            EXPECT_EQ(log_of(output, limit, piece), whole) << limit << " " << piece;
        }
        for (std::size_t known = 0; known <= whole.size(); ++known) {
            write_file(path_, whole.substr(0, known));
            EXPECT_EQ(log_of(output, limit, 7, static_cast<std::int64_t>(known)), whole)
                << limit << " " << known;
        }
    }
}

TEST_F(BoundedLogTest, ItsBeginningIsThereAtOnceAndItsEndHasNoName) {
    const UniqueFd file = open_file();
    BoundedLog log(file.get(), place_, 100);
    log.write(lines(50));
    EXPECT_EQ(content(), lines(50).substr(0, 50));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(BoundedLogTest, WritesOverAnEndThatACrashLeftBehind) {
    write_file(place_.path, std::string(1000, '?'));
    EXPECT_EQ(log_of(lines(11), 100), lines(11));
    EXPECT_FALSE(std::filesystem::exists(place_.path));
}

TEST_F(BoundedLogTest, ALongEndComesInPieces) {
    const std::string output = lines(100'000);
    const std::string log = log_of(output, 400'000);
    EXPECT_EQ(log, output.substr(0, 200'000) + marker(400'000, 400'000) + output.substr(600'000));
}

TEST_F(BoundedLogTest, TheEndIsNeverLongerThan64MiB) {
    const std::int64_t limit = 2 * BoundedLog::longest_end + 1'000'000;
    const auto size = static_cast<std::size_t>(limit);
    const std::string output = std::string(size, 'a') + std::string(size, 'z');
    const std::string log = log_of(output, limit);
    EXPECT_TRUE(log.ends_with(marker(limit, size) +
                              std::string(static_cast<std::size_t>(BoundedLog::longest_end), 'z')));
    EXPECT_EQ(std::count(log.begin(), log.end(), 'z'), BoundedLog::longest_end);
}

TEST_F(BoundedLogTest, SaysWhatItCannotTake) {
    place_.path = folder_.path() / "nowhere/end";
    const UniqueFd file = open_file();
    BoundedLog log(file.get(), place_, 100);
    EXPECT_EQ(log.write(std::string(50, 'a')), 50U) << "the end's file is made only when there is one";
    EXPECT_EQ(log.write("b"), 0U);
    EXPECT_EQ(errno, ENOENT);
    finish(log);
    EXPECT_EQ(content(), std::string(50, 'a'));
}

}  // namespace
}  // namespace flotilla
