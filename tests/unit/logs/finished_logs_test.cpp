#include "logs/finished_logs.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

TEST(FinishedLogsTest, GivesTheLongOnesInTheOrderOfTheirEnds) {
    const test::TemporaryFolder folder;
    const auto path = [&](const char* name) { return folder.path() / name; };
    write_file(path("first"), "12345");
    write_file(path("short"), "1234");
    write_file(path("second"), "123456");
    FinishedLogs finished(5);
    for (const char* name : {"first", "short", "missing", "second"}) {
        finished.add(path(name));
    }
    EXPECT_TRUE(finished.came().take());
    EXPECT_EQ(finished.take(), path("first"));
    EXPECT_EQ(finished.take(), path("second"));
    EXPECT_EQ(finished.take(), std::nullopt);
}

TEST(FinishedLogsTest, WakesNobodyForAShortOne) {
    const test::TemporaryFolder folder;
    write_file(folder.path() / "short", "1234");
    FinishedLogs finished(5);
    finished.add(folder.path() / "short");
    EXPECT_FALSE(finished.came().take());
}

}  // namespace
}  // namespace flotilla
