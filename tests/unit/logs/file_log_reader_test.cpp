#include "logs/file/file_log_reader.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "logs/file/log_path.hpp"
#include "logs/log_position.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

struct FileLogReaderTest : testing::Test {
    void write(const std::string& bytes) {
        const auto path = log_path(folder.path(), log.run, log.attempt);
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::app | std::ios::binary) << bytes;
    }
    void end() { log.is_complete = true; }
    LogPage read(std::int64_t offset) { return reader.read(log, offset, mebibyte); }
    /// Every page from the beginning on, until nothing comes.
    std::vector<LogPage> pages(std::size_t most = mebibyte) {
        std::vector<LogPage> all;
        std::int64_t offset = 0;
        for (auto page = reader.read(log, 0, most); page.length > 0; page = reader.read(log, offset, most)) {
            offset += page.length;
            all.push_back(page);
        }
        return all;
    }

    test::TemporaryFolder folder;
    FileLogReader reader{folder.path()};
    AttemptLog log{.run = {"0b9c6a70-0000-4000-8000-000000000000"}};
};

TEST_F(FileLogReaderTest, LinesAreJoinedByNewlines) {
    write("+ set -e\n+ echo 'hello yourusername'\nhello yourusername\n");
    end();
    EXPECT_EQ(read(0).text, "+ set -e\n+ echo 'hello yourusername'\nhello yourusername");
}

TEST_F(FileLogReaderTest, APageBeginsWhereItIsTold) {
    write("one\n");
    EXPECT_EQ(read(0).text, "one");
    EXPECT_EQ(read(0).length, 4);
    EXPECT_EQ(read(4).length, 0);
    write("two\nthree\n");
    EXPECT_EQ(read(4).text, "two\nthree");
    EXPECT_EQ(read(1'000'000).length, 0);
}

TEST_F(FileLogReaderTest, AHalfLineWaitsUntilItIsWholeOrTheLogIsComplete) {
    write("whole\nhal");
    EXPECT_EQ(read(0).text, "whole");
    EXPECT_EQ(read(6).length, 0);
    EXPECT_EQ(read(0).rest, "hal");
    EXPECT_EQ(read(6).rest, "hal");
    EXPECT_EQ(reader.read(log, 0, 16).rest, "hal");
    end();
    EXPECT_EQ(read(6).text, "hal");
    EXPECT_EQ(read(6).rest, "");
    EXPECT_FALSE(read(6).is_cut);
}

TEST_F(FileLogReaderTest, ALogThatIsNotThereYetIsEmpty) {
    EXPECT_EQ(read(0).length, 0);
    EXPECT_EQ(reader.size(log), 0);
    EXPECT_FALSE(reader.open(log));
    write("late\n");
    EXPECT_EQ(read(0).text, "late");
    EXPECT_EQ(reader.size(log), 5);
    EXPECT_TRUE(reader.open(log));
}

TEST_F(FileLogReaderTest, AnEmptyLineIsAPageOfOneByte) {
    write("\n");
    EXPECT_EQ(read(0).text, "");
    EXPECT_EQ(read(0).length, 1);
}

TEST_F(FileLogReaderTest, APageIsAMebibyteAtMostAndEndsAtALine) {
    const std::string line(99, 'x');
    for (int i = 0; i < 30'000; ++i) {
        write(line + "\n");
    }
    end();
    std::size_t lines = 0;
    for (const auto& page : pages()) {
        EXPECT_LE(page.text.size(), mebibyte);
        EXPECT_TRUE(page.text.ends_with(line));
        EXPECT_FALSE(page.is_cut);
        lines += static_cast<std::size_t>(std::count(page.text.begin(), page.text.end(), '\n')) + 1;
    }
    EXPECT_EQ(lines, 30'000U);
}

TEST_F(FileLogReaderTest, AnOverlongLineIsCutBetweenCharacters) {
    std::string line;
    while (line.size() < 2 * mebibyte) {
        line += "x\u00e9\U0001F600";
    }
    write(line + "\n");
    end();
    std::string joined;
    for (const auto& page : pages()) {
        EXPECT_EQ(page.text.find("\uFFFD"), std::string::npos);
        joined += page.text;
        EXPECT_EQ(page.is_cut, joined.size() < line.size());
    }
    EXPECT_EQ(joined, line);
}

TEST_F(FileLogReaderTest, BytesThatAreNoTextStillFitAPage) {
    write(std::string(2 * mebibyte, '\xff'));
    end();
    std::size_t characters = 0;
    for (const auto& page : pages()) {
        EXPECT_LE(page.text.size(), mebibyte);
        characters += page.text.size() / 3;
    }
    EXPECT_EQ(characters, 2 * mebibyte);
}

TEST_F(FileLogReaderTest, PagesOfEverySizeGiveTheSameBytes) {
    const std::string bytes = "one\n\ntwo and more\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\nlast";
    write(bytes);
    end();
    const std::string whole = pages().front().text;
    for (std::size_t most = 16; most <= 64; ++most) {
        std::string joined;
        for (const auto& page : pages(most)) {
            EXPECT_LE(page.text.size(), most);
            joined += page.text + (page.is_cut ? "" : "\n");
        }
        EXPECT_EQ(joined, whole + "\n") << most;
    }
}

TEST_F(FileLogReaderTest, EachAttemptHasItsOwnLog) {
    write("first\n");
    log.attempt = 2;
    EXPECT_EQ(read(0).length, 0);
    write("second\n");
    EXPECT_EQ(read(0).text, "second");
}

TEST(LogPositionTest, ATokenIsThePlaceThatItWasMadeOf) {
    const LogPosition position{3, 1'234'567'890'123};
    EXPECT_EQ(parse_log_position(position.token()), position);
}

TEST(LogPositionTest, AForeignTokenIsRefused) {
    for (const char* token :
         {"", "x", "1", "1/", "1/x", "/5", "1/-5", "-1/5", "1/5/6", "1/99999999999999999999"}) {
        EXPECT_THROW(static_cast<void>(parse_log_position(token)), Error) << token;
    }
}

}  // namespace
}  // namespace flotilla
