#include "logs/file/file_log_reader.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "logs/file/log_path.hpp"
#include "support/sample_runs.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

struct FileLogReaderTest : testing::Test {
    FileLogReaderTest() { run.attempt.phase = AttemptPhase::running; }

    void write(const std::string& bytes, int attempt = 1) {
        const auto path = log_path(folder.path(), run.id, attempt);
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::app | std::ios::binary) << bytes;
    }
    void end() { run.attempt.phase = AttemptPhase::ended; }
    /// Every page from the beginning on, until nothing comes.
    std::vector<std::string> pages() {
        std::vector<std::string> all;
        for (auto page = reader.read(run, "");; page = reader.read(run, page.last_seen)) {
            if (page.last_seen == reader.read(run, page.last_seen).last_seen && page.text.empty()) {
                return all;
            }
            all.push_back(page.text);
        }
    }

    test::TemporaryFolder folder;
    FileLogReader reader{folder.path()};
    flotilla::Run run =
        test::sample_run("0b9c6a70-0000-4000-8000-000000000000", test::sample_definition("a"));
};

TEST_F(FileLogReaderTest, LinesAreJoinedByNewlines) {
    write("+ set -e\n+ echo 'hello yourusername'\nhello yourusername\n");
    end();
    EXPECT_EQ(reader.read(run, "").text, "+ set -e\n+ echo 'hello yourusername'\nhello yourusername");
}

TEST_F(FileLogReaderTest, ATokenGivesOnlyWhatCameAfter) {
    write("one\n");
    const auto first = reader.read(run, "");
    EXPECT_EQ(first.text, "one");
    EXPECT_EQ(reader.read(run, first.last_seen).text, "");
    EXPECT_EQ(reader.read(run, first.last_seen).last_seen, first.last_seen);
    write("two\nthree\n");
    EXPECT_EQ(reader.read(run, first.last_seen).text, "two\nthree");
}

TEST_F(FileLogReaderTest, AHalfLineWaitsUntilItIsWholeOrTheRunHasEnded) {
    write("whole\nhal");
    const auto page = reader.read(run, "");
    EXPECT_EQ(page.text, "whole");
    EXPECT_EQ(reader.read(run, page.last_seen).text, "");
    end();
    EXPECT_EQ(reader.read(run, page.last_seen).text, "hal");
}

TEST_F(FileLogReaderTest, ALogThatIsNotThereYetIsEmpty) {
    const auto page = reader.read(run, "");
    EXPECT_EQ(page.text, "");
    write("late\n");
    EXPECT_EQ(reader.read(run, page.last_seen).text, "late");
}

TEST_F(FileLogReaderTest, APageIsAMebibyteAtMostAndEndsAtALine) {
    const std::string line(99, 'x');
    for (int i = 0; i < 30'000; ++i) {
        write(line + "\n");
    }
    end();
    std::size_t lines = 0;
    for (const auto& page : pages()) {
        EXPECT_LE(page.size(), mebibyte);
        EXPECT_TRUE(page.ends_with(line));
        lines += static_cast<std::size_t>(std::count(page.begin(), page.end(), '\n')) + 1;
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
        EXPECT_EQ(page.find("\uFFFD"), std::string::npos);
        joined += page;
    }
    EXPECT_EQ(joined, line);
}

TEST_F(FileLogReaderTest, BytesThatAreNoTextStillFitAPage) {
    write(std::string(2 * mebibyte, '\xff'));
    end();
    std::size_t characters = 0;
    for (const auto& page : pages()) {
        EXPECT_LE(page.size(), mebibyte);
        characters += page.size() / 3;
    }
    EXPECT_EQ(characters, 2 * mebibyte);
}

TEST_F(FileLogReaderTest, TheNextAttemptHasItsOwnLog) {
    write("first\n");
    const auto page = reader.read(run, "");
    run.attempt.number = 2;
    EXPECT_EQ(reader.read(run, page.last_seen).last_seen, page.last_seen);
    write("second\n", 2);
    EXPECT_EQ(reader.read(run, page.last_seen).text, "second");
}

TEST_F(FileLogReaderTest, AForeignTokenIsRefused) {
    for (const char* token :
         {"x", "1", "1/", "1/x", "/5", "1/-5", "-1/5", "1/5/6", "1/99999999999999999999"}) {
        EXPECT_THROW(static_cast<void>(reader.read(run, token)), Error) << token;
    }
}

}  // namespace
}  // namespace flotilla
