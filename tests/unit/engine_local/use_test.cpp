#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engine/local/cgroups.hpp"
#include "engine/local/cpu_use.hpp"
#include "engine/local/disk_use.hpp"
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
    EXPECT_FALSE(is_look_due(last, limit, 400, at + seconds{4}));
    EXPECT_TRUE(is_look_due(last, limit, 400, at + seconds{5}));
}

TEST(CpuTicks, AreThoseOfAProcessAndOfTheChildrenThatItWaitedFor) {
    EXPECT_EQ(parse_cpu_ticks("7 (a) b (c) S 1 7 7 0 -1 4194560 100 200 0 0 11 12 13 14 20 0 1 0 99 0 0"),
              11 + 12 + 13 + 14);
    EXPECT_EQ(parse_cpu_ticks(""), 0);
}

TEST(CpuUse, IsTheMostBetweenTwoLooks) {
    const std::chrono::steady_clock::time_point at{seconds{1000}};
    CpuUse use = after_look({}, 50, 100, at);
    EXPECT_EQ(use.most, std::nullopt);
    use = after_look(use, 200, 100, at + seconds{1});
    EXPECT_EQ(use.most, 1500);
    use = after_look(use, 190, 100, at + seconds{3});
    EXPECT_EQ(use.most, 1500);
}

}  // namespace
}  // namespace flotilla::test
