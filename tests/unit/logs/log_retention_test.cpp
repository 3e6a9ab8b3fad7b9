#include "logs/file/log_retention.hpp"

#include <gmock/gmock.h>

#include "base/file.hpp"
#include "logs/file/log_path.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

class LogRetentionTest : public ::testing::Test {
protected:
    fs::path make_log(const std::string& run, hours age) {
        const fs::path path = log_path(data_.path(), {run}, 1);
        fs::create_directories(path.parent_path());
        write_file(path, "a line\n");
        fs::last_write_time(path, fs::file_time_type::clock::now() - age);
        return path;
    }
    int remove() {
        const auto now =
            std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
        return remove_logs_before(data_.path(), now - hours{48}, attempts_with_folders(data_.path()),
                                  [this](const RunId& run) { return young_.count(run.value) == 0; }, {});
    }
    TemporaryFolder data_;
    std::set<std::string> young_;  ///< runs that ended later than their logs say
};

TEST_F(LogRetentionTest, RemovesWhatNobodyHasWrittenToForLong) {
    const auto old = make_log("aa-old", hours{49});
    const auto young = make_log("aa-young", hours{47});
    EXPECT_EQ(remove(), 1);
    EXPECT_FALSE(fs::exists(old));
    EXPECT_TRUE(fs::exists(young));
    EXPECT_EQ(remove(), 0);
}

TEST_F(LogRetentionTest, LeavesTheLogOfARunThatIsQuietButAlive) {
    const auto local = make_log("aa-local", hours{100});
    const auto in_docker = make_log("bb-docker", hours{100});
    fs::create_directories(data_.path() / "runs" / "aa-local.1");
    fs::create_directories(data_.path() / "docker" / "default" / "bb-docker.1");
    EXPECT_EQ(remove(), 0);
    EXPECT_TRUE(fs::exists(local) && fs::exists(in_docker));
}

TEST_F(LogRetentionTest, LeavesTheLogOfARunThatMayNotGo) {
    const auto log = make_log("aa-young", hours{100});
    young_.insert("aa-young");
    EXPECT_EQ(remove(), 0);
    EXPECT_TRUE(fs::exists(log));
}

TEST_F(LogRetentionTest, AFolderWithoutLogsIsNoMistake) {
    EXPECT_EQ(remove(), 0);
}

}  // namespace
}  // namespace flotilla::test
