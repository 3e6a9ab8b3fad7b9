#include "logs/file/log_compression.hpp"

#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zstd.h>

#include "base/file.hpp"
#include "logs/file/compressed_log.hpp"
#include "logs/file/file_log_reader.hpp"
#include "logs/file/log_path.hpp"
#include "logs/file/log_retention.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t frame = compressed_log_frame_size;

std::string numbered_lines(std::size_t size) {
    std::string text;
    for (int i = 1; text.size() < size; ++i) {
        text += fmt::format("line {}\n", i);
    }
    text.resize(size);
    return text;
}

struct LogCompressionTest : ::testing::Test {
    void write(const std::string& bytes) {
        fs::create_directories(path.parent_path());
        write_file(path, bytes);
    }
    std::string read(std::int64_t offset, std::size_t count) { return reader.open(log)->read(offset, count); }

    TemporaryFolder folder;
    FileLogReader reader{folder.path()};
    AttemptLog log{.run = {"0b9c6a70-0000-4000-8000-000000000000"}, .is_complete = true};
    fs::path path = log_path(folder.path(), log.run, 1);
    fs::path compressed = compressed_log_path(path);
};

TEST_F(LogCompressionTest, EveryPartReadsAsBefore) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, frame - 1, frame, frame + 1, 3 * frame, 3 * frame + 4711}) {
        const std::string bytes = numbered_lines(size);
        write(bytes);
        const auto sizes = compress_log(path, {});
        ASSERT_TRUE(sizes);
        EXPECT_EQ(sizes->before, static_cast<std::int64_t>(size));
        EXPECT_EQ(sizes->after, static_cast<std::int64_t>(fs::file_size(compressed)));
        EXPECT_FALSE(fs::exists(path));
        EXPECT_EQ(reader.size(log), static_cast<std::int64_t>(size));
        EXPECT_EQ(read(0, size), bytes);
        for (const std::size_t begin : {std::size_t{0}, std::size_t{1}, frame - 1, frame, frame + 1}) {
            for (const std::size_t count : {std::size_t{1}, std::size_t{2}, frame, frame + 2, 2 * frame}) {
                if (begin + count <= size) {
                    EXPECT_EQ(read(static_cast<std::int64_t>(begin), count), bytes.substr(begin, count));
                }
            }
        }
    }
}

TEST_F(LogCompressionTest, OtherProgramsReadIt) {
    const std::string bytes = numbered_lines(2 * frame + 1);
    write(bytes);
    ASSERT_TRUE(compress_log(path, {}));
    const std::string file = read_file(compressed).value();
    std::string all(bytes.size(), '\0');
    EXPECT_EQ(ZSTD_decompress(all.data(), all.size(), file.data(), file.size()), bytes.size());
    EXPECT_EQ(all, bytes);
}

TEST_F(LogCompressionTest, PagesAreTheSame) {
    write(numbered_lines(5 * frame) + "\xff without an end");
    std::vector<LogPage> before;
    std::vector<LogPage> after;
    const auto pages = [&](std::vector<LogPage>& to) {
        std::int64_t offset = 0;
        for (auto page = reader.read(log, 0, frame / 2); page.length > 0;
             page = reader.read(log, offset, frame / 2)) {
            offset += page.length;
            to.push_back(page);
        }
    };
    pages(before);
    ASSERT_TRUE(compress_log(path, {}));
    pages(after);
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(after[i].text, before[i].text);
        EXPECT_EQ(after[i].length, before[i].length);
    }
    EXPECT_EQ(reader.read(log, reader.size(log), frame).length, 0);
    EXPECT_EQ(reader.read(log, reader.size(log) + 1, frame).length, 0);
}

TEST_F(LogCompressionTest, APartCostsThatPartAlone) {
    std::string bytes = numbered_lines(4 * frame);
    write(bytes);
    ASSERT_TRUE(compress_log(path, {}));
    std::string file = read_file(compressed).value();
    file.at(file.size() / 2) =
        static_cast<char>(~file.at(file.size() / 2));  // within the second or third frame
    write_file(compressed, file);
    EXPECT_EQ(read(0, frame), bytes.substr(0, frame));
    EXPECT_EQ(read(3 * frame, frame), bytes.substr(3 * frame));
    EXPECT_THROW(static_cast<void>(read(0, 4 * frame)), std::runtime_error) << "damage is told";
}

TEST_F(LogCompressionTest, WhatIsCutShortOrNoLogIsToldAsSuch) {
    write(numbered_lines(2 * frame));
    ASSERT_TRUE(compress_log(path, {}));
    const std::string file = read_file(compressed).value();
    for (const std::string& bad : {std::string(), file.substr(0, file.size() - 1), std::string(100, 'x'),
                                   file.substr(file.size() - 16)}) {
        write_file(compressed, bad);
        EXPECT_THROW(static_cast<void>(reader.open(log)), std::runtime_error);
        EXPECT_EQ(reader.size(log), 0);
    }
}

TEST_F(LogCompressionTest, AReaderThatHasTheLogOpenReadsOn) {
    const std::string bytes = numbered_lines(2 * frame);
    write(bytes);
    const auto opened = reader.open(log);
    ASSERT_TRUE(compress_log(path, {}));
    EXPECT_EQ(opened->read(frame, frame), bytes.substr(frame));
}

TEST_F(LogCompressionTest, ItIsKeptAsLongAsTheLogWouldBe) {
    using std::chrono::hours;
    write(numbered_lines(frame));
    fs::last_write_time(path, fs::file_time_type::clock::now() - hours{49});
    ASSERT_TRUE(compress_log(path, {}));
    const auto now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    const auto any = [](const RunId&) { return true; };
    EXPECT_EQ(remove_logs_before(folder.path(), now - hours{50}, {}, any, {}), 0);
    EXPECT_EQ(remove_logs_before(folder.path(), now - hours{48}, {"0b9c6a70-0000-4000-8000-000000000000.1"},
                                 any, {}),
              0);
    EXPECT_EQ(remove_logs_before(folder.path(), now - hours{48}, {}, any, {}), 1);
    EXPECT_FALSE(reader.open(log));
}

TEST_F(LogCompressionTest, ItGoesWithItsRun) {
    write(numbered_lines(frame));
    ASSERT_TRUE(compress_log(path, {}));
    write_file(log_path(folder.path(), log.run, 2), "of another attempt");
    remove_logs_of(folder.path(), log.run);
    EXPECT_TRUE(fs::is_empty(path.parent_path()));
}

TEST_F(LogCompressionTest, ALogStaysWhereItIsToStopOrIsGone) {
    std::stop_source stop;
    stop.request_stop();
    write(numbered_lines(frame));
    EXPECT_FALSE(compress_log(path, stop.get_token()));
    EXPECT_TRUE(fs::exists(path));
    EXPECT_FALSE(fs::exists(compressed));
    fs::remove(path);
    EXPECT_FALSE(compress_log(path, {}));
    EXPECT_TRUE(fs::is_empty(path.parent_path()));
}

TEST_F(LogCompressionTest, WhatACrashLeftIsTakenAwayOrDoneAgain) {
    const std::string bytes = numbered_lines(3 * frame);
    write(bytes);
    ASSERT_TRUE(compress_log(path, {}));
    write(bytes);  // as if it had died before it removed this one
    write_file(compressed.string() + ".tmp", "a part");
    EXPECT_THAT(tidy_log_folder(path.parent_path()), ::testing::ElementsAre(path));
    EXPECT_FALSE(fs::exists(compressed.string() + ".tmp"));
    ASSERT_TRUE(compress_log(path, {}));
    EXPECT_EQ(read(0, bytes.size()), bytes);
    EXPECT_THAT(tidy_log_folder(path.parent_path()), ::testing::IsEmpty());
}

TEST_F(LogCompressionTest, ShortLogsAndCopiesOfOthersAreLeftAlone) {
    write(std::string(least_log_to_compress - 1, 'x'));
    EXPECT_THAT(tidy_log_folder(path.parent_path()), ::testing::IsEmpty());
    write(std::string(least_log_to_compress, 'x'));
    write_file(log_progress_path(path), "100 token");
    EXPECT_THAT(tidy_log_folder(path.parent_path()), ::testing::IsEmpty());
}

TEST_F(LogCompressionTest, AFolderWithoutLogsIsNoMistake) {
    EXPECT_THAT(log_folders(folder.path()), ::testing::IsEmpty());
    EXPECT_THAT(tidy_log_folder(folder.path() / "logs"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace flotilla::test
