#include "engine/docker/attempt_folder.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

class AttemptFolderTest : public testing::Test {
protected:
    [[nodiscard]] static SubmittedTask submitted(const std::string& run) {
        Task task;
        task.name = {{run}, 1};
        task.image = "base";
        task.secrets = {"KEY"};
        return {task, "default", "boot"};
    }

    test::TemporaryFolder root_;
    AttemptFolder folder_{root_.path(), {{"run"}, 1}};
};

TEST_F(AttemptFolderTest, RemembersWhatWasAskedAndWhatWasDone) {
    EXPECT_FALSE(folder_.task());
    folder_.create(submitted("run"));
    ASSERT_TRUE(folder_.task());
    EXPECT_EQ(folder_.task()->task.secrets, std::vector<std::string>{"KEY"});
    EXPECT_FALSE(folder_.is_created() || folder_.is_starting() || folder_.is_stopped() || folder_.end());
    folder_.mark_created();
    folder_.mark_starting();
    folder_.mark_stopped();
    folder_.write_end({.at = TimePoint(std::chrono::microseconds(5)),
                       .exit_code = {},
                       .exit_class = ExitClass::image_not_found,
                       .reason = "no \"such\" image"});
    EXPECT_TRUE(folder_.is_created() && folder_.is_starting() && folder_.is_stopped());
    folder_.unmark_stopped();
    EXPECT_FALSE(folder_.is_stopped());
    const auto end = folder_.end();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->at.time_since_epoch().count(), 5);
    EXPECT_EQ(end->exit_class, ExitClass::image_not_found);
    EXPECT_EQ(end->reason, "no \"such\" image");
    folder_.remove();
    EXPECT_TRUE(std::filesystem::is_empty(root_.path()));
}

TEST_F(AttemptFolderTest, WhatWasNotCreatedInFullWasNeverAccepted) {
    folder_.create(submitted("run"));
    std::filesystem::create_directories(root_.path() / "half.1");
    const auto found = take_stock(root_.path());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].task.name.run.value, "run");
    EXPECT_FALSE(std::filesystem::exists(root_.path() / "half.1"));
    EXPECT_TRUE(take_stock(root_.path() / "nowhere").empty());
}

}  // namespace
}  // namespace flotilla
