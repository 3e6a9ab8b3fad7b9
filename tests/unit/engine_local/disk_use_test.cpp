#include "engine/local/disk_use.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {
namespace {

using std::chrono::seconds;

TEST(BytesOnDisk, CountAFileOfSeveralNamesOnce) {
    const TemporaryFolder folder;
    write_file(folder.path() / "file", std::string(1 << 20, 'x'));
    std::filesystem::create_directory(folder.path() / "inner");
    const auto once = bytes_on_disk(folder.path());
    EXPECT_GE(once, 1 << 20);
    std::filesystem::create_hard_link(folder.path() / "file", folder.path() / "inner" / "other");
    EXPECT_EQ(bytes_on_disk(folder.path()), once);
    EXPECT_EQ(bytes_on_disk(folder.path() / "none"), 0);
}

TEST(DiskLook, IsDueOnceTheLimitCanBeReachedOrAfterHalfAMinute) {
    const std::chrono::steady_clock::time_point at{seconds{1000}};
    const DiskUse last{.bytes = 10, .taken_by_all = 500, .at = at};
    constexpr std::int64_t limit = 100;
    EXPECT_FALSE(is_look_due(last, limit, 590, at + seconds{1}));
    EXPECT_TRUE(is_look_due(last, limit, 591, at + seconds{1}));
    EXPECT_FALSE(is_look_due(last, limit, 400, at + seconds{29}));
    EXPECT_TRUE(is_look_due(last, limit, 400, at + seconds{30}));
}

}  // namespace
}  // namespace flotilla::test
