#include <gmock/gmock.h>
#include <signal.h>

#include "local_engine_test.hpp"

namespace flotilla::test {
namespace {

using ::testing::EndsWith;

class RecoveryTest : public LocalEngineTest {
protected:
    /// The init of a run that has started.
    pid_t init_of(const AttemptName& name) const {
        return static_cast<pid_t>(RunFolder(data_.path(), name).started().value().pid);
    }
    /// Starts a job that waits until `finish`, and waits until it does.
    Task start_waiting_job(const std::string& then) {
        // A file on the host cannot be seen inside; the signal comes through the job's own trap.
        const Task task = task_of("trap '" + then + "' TERM; echo up; while true; do sleep 0.05; done");
        submit(task);
        EXPECT_TRUE(await_log(task.name, "\nup\n"));
        return task;
    }
};

TEST_F(RecoveryTest, ARunningJobIsFoundAgainWithItsExitCodeAndWholeLog) {
    const Task task = start_waiting_job("echo late; exit 9");
    restart_engine();
    ASSERT_TRUE(std::holds_alternative<Started>(engine_->inspect(task.name).value()));
    engine_->stop(task.name, std::chrono::seconds{30});
    const auto ended = await_end(task.name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 9);
    EXPECT_THAT(log_of(task.name), EndsWith("late\n++ exit 9\n"));
}

TEST_F(RecoveryTest, AJobOutlivesTheLauncher) {
    const Task task = start_waiting_job("exit 4");
    launcher_.reset();
    launcher_.emplace();
    restart_engine();
    engine_->stop(task.name, std::chrono::seconds{30});
    EXPECT_EQ(await_end(task.name).value().exit_code, 4);
}

TEST_F(RecoveryTest, AJobThatEndedMeanwhileHasItsExitCode) {
    const Task task = task_of("echo up; sleep 0.1; exit 6");
    submit(task);
    ASSERT_TRUE(await_log(task.name, "\nup\n"));
    engine_.reset();
    const RunFolder folder(data_.path(), task.name);
    while (!folder.try_lock()) {
    }
    start_engine();
    const auto known = engine_->inspect(task.name);
    ASSERT_TRUE(known && std::holds_alternative<Ended>(*known));
    EXPECT_EQ(std::get<Ended>(*known).exit_code, 6);
    const auto news = engine_->wait_for_news({}, std::chrono::milliseconds{0});
    ASSERT_EQ(news.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<Started>(news[0].observation));
}

TEST_F(RecoveryTest, ARunThatWasNeverStartedIsStartedByTheNextEngine) {
    const Task task = task_of("echo late");
    engine_.reset();
    RunFolder(data_.path(), task.name).create({task, "default", current_boot_id()});
    start_engine();
    const auto ended = await_end(task.name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 0);
    EXPECT_EQ(log_of(task.name), "+ set -e\n+ echo late\nlate\n");
}

TEST_F(RecoveryTest, ARunThatStartedAndLeftNoRecordIsLostAndNotStartedAgain) {
    const Task task = start_waiting_job("exit 0");
    ASSERT_EQ(::kill(init_of(task.name), SIGKILL), 0);
    const auto ended = await_end(task.name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_class, ExitClass::host_lost);
    EXPECT_EQ(ended->exit_code, std::nullopt);
    restart_engine();
    submit(task);
    EXPECT_EQ(std::get<Ended>(engine_->inspect(task.name).value()).exit_class, ExitClass::host_lost);
}

TEST_F(RecoveryTest, ARunOfAnEarlierBootIsLost) {
    const Task task = task_of("true");
    engine_.reset();
    RunFolder(data_.path(), task.name).create({task, "default", "another boot"});
    start_engine();
    const Ended ended = std::get<Ended>(engine_->inspect(task.name).value());
    EXPECT_EQ(ended.exit_class, ExitClass::host_lost);
    EXPECT_EQ(ended.reason, "the host was restarted before the job ended");
}

TEST_F(RecoveryTest, ARunWhoseTaskWasLostIsNotStartedAgain) {
    const Task task = task_of("echo twice");
    engine_.reset();
    const RunFolder folder(data_.path(), task.name);
    std::filesystem::create_directories(folder.path());
    write_file(folder.path() / "task.json", "");
    write_file(folder.path() / "started", launcher::to_text(launcher::StartedRecord{1, 2, 3}));
    start_engine();
    submit(task);
    EXPECT_EQ(std::get<Ended>(engine_->inspect(task.name).value()).exit_class, ExitClass::host_lost);
    EXPECT_EQ(log_of(task.name), "");
}

TEST_F(RecoveryTest, AFolderThatWasNotMadeInFullIsRemoved) {
    const auto folder = data_.path() / "runs" / task_of("true").name.text();
    engine_.reset();
    std::filesystem::create_directories(folder);
    start_engine();
    EXPECT_FALSE(std::filesystem::exists(folder));
    EXPECT_TRUE(engine_->list().empty());
}

TEST_F(RecoveryTest, RunsOfOtherClustersAreLeftAlone) {
    const Task task = task_of("true");
    engine_.reset();
    RunFolder(data_.path(), task.name).create({task, "other", current_boot_id()});
    start_engine();
    EXPECT_EQ(engine_->inspect(task.name), std::nullopt);
    EXPECT_TRUE(std::filesystem::exists(RunFolder(data_.path(), task.name).path()));
}

TEST_F(RecoveryTest, CgroupsOfRunsThatAreGoneAreRemoved) {
    engine_.reset();
    (void)cgroups_->make("gone.1", {.memory = 1 << 20, .pids = 10});
    start_engine();
    EXPECT_TRUE(cgroups_->names().empty());
}

}  // namespace
}  // namespace flotilla::test
