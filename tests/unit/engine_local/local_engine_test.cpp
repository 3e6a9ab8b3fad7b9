#include "local_engine_test.hpp"

#include <set>

#include <gmock/gmock.h>

#include "engine/local/data_folder_hash.hpp"

namespace flotilla::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// What this host's cgroup of a run says of its cpu, version 1 or 2.
std::string cpu_limit_of(const std::filesystem::path& data_dir, const AttemptName& name) {
    namespace fs = std::filesystem;
    const fs::path root = "/sys/fs/cgroup";
    std::vector<fs::path> hierarchies{root};
    for (const auto& entry : fs::directory_iterator(root)) {
        hierarchies.push_back(entry.path());
    }
    for (const fs::path& hierarchy : hierarchies) {
        const fs::path cgroup = hierarchy / ("flotilla-" + data_folder_hash(data_dir)) / name.text();
        const auto quota = read_file(cgroup / "cpu.cfs_quota_us");
        const auto limit = read_file(cgroup / "cpu.max");
        if (quota) {
            return quota->substr(0, quota->find('\n')) + " of " +
                   read_file(cgroup / "cpu.cfs_period_us")->substr(0, 6);
        }
        if (limit) {
            const auto blank = limit->find(' ');
            return limit->starts_with("max") ? "none"
                                             : limit->substr(0, blank) + " of " + limit->substr(blank + 1, 6);
        }
    }
    return "none";
}

TEST_F(LocalEngineTest, AJobThatSucceedsHasItsTracedLogAndExitCodeZero) {
    const Task task = task_of("echo \"hello $NAME\"");
    Task with_env = task;
    with_env.env = {{"NAME", "world"}};
    const Ended ended = run(with_env);
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(ended.exit_class, ExitClass::completed);
    EXPECT_EQ(log_of(task.name), "+ set -e\n+ echo 'hello world'\nhello world\n");
}

TEST_F(LocalEngineTest, ItsStartIsToldBeforeItsEndAndNamesTheHost) {
    const Task task = task_of("true");
    run(task);
    for (auto& news : engine_->wait_for_news({}, std::chrono::milliseconds{0})) {
        news_.push_back(std::move(news));
    }
    ASSERT_EQ(news_.size(), 2U);
    const auto& started = std::get<Started>(news_[0].observation);
    EXPECT_EQ(started.instance.id, "host-1");
    EXPECT_EQ(started.instance.dns_name, "host-1.example");
    const auto& ended = std::get<Ended>(news_[1].observation);
    EXPECT_GE(ended.at, started.at);
    ASSERT_TRUE(ended.started);
    EXPECT_EQ(ended.started->at, started.at);
}

TEST_F(LocalEngineTest, AnExitCodeIsTheJobsOwn) {
    EXPECT_EQ(run(task_of("exit 7")).exit_code, 7);
    EXPECT_EQ(run(task_of("kill -9 $$")).exit_code, 137);
    EXPECT_EQ(run(task_of("false; echo not reached")).exit_code, 1);
}

TEST_F(LocalEngineTest, AMissingCommandIsSaid) {
    const Ended ended = run(task_of("frobnicate --all"));
    EXPECT_EQ(ended.exit_code, 127);
    EXPECT_EQ(ended.exit_class, ExitClass::job_failed);
    EXPECT_THAT(ended.reason, StartsWith("the command was not found (exit code 127): "));
    EXPECT_THAT(ended.reason, HasSubstr("frobnicate: command not found"));
}

TEST_F(LocalEngineTest, AJobBeyondItsMemoryIsKilledAndSaidToBeOutOfMemory) {
    if (!cgroups_->limits_memory()) {
        GTEST_SKIP() << "this host has no memory controller";
    }
    const Ended ended = run(task_of("x=$(head -c 500000000 /dev/zero | tr '\\0' x)"));
    EXPECT_EQ(ended.exit_code, 137);
    EXPECT_EQ(ended.exit_class, ExitClass::out_of_memory);
    EXPECT_THAT(ended.reason, StartsWith("out of memory: the job was killed at its limit of 64 MiB"));
}

TEST_F(LocalEngineTest, AJobsCpuIsBoundByItsCgroup) {
    if (!cgroups_->limits_cpu()) {
        GTEST_SKIP() << "this host has no cpu controller";
    }
    Task task = task_of("echo up; sleep 1000");
    task.cpu = 250;
    submit(task);
    ASSERT_TRUE(await_log(task.name, "\nup\n"));
    EXPECT_EQ(cpu_limit_of(data_.path(), task.name), "25000 of 100000");
    const Task free = task_of("echo up; sleep 1000");
    submit(free);
    ASSERT_TRUE(await_log(free.name, "\nup\n"));
    EXPECT_EQ(cpu_limit_of(data_.path(), free.name), "none");
}

TEST_F(LocalEngineTest, AnAttemptSubmittedTwiceIsStartedOnce) {
    const Task task = task_of("echo once");
    submit(task);
    submit(task);
    await_end(task.name);
    submit(task);
    EXPECT_EQ(log_of(task.name), "+ set -e\n+ echo once\nonce\n");
    EXPECT_EQ(engine_->list().size(), 1U);
}

TEST_F(LocalEngineTest, AForgottenAttemptLeavesItsLogAlone) {
    const Task task = task_of("echo kept > /file; cat /file");
    run(task);
    engine_->forget(task.name);
    EXPECT_EQ(engine_->inspect(task.name), std::nullopt);
    EXPECT_TRUE(engine_->list().empty());
    engine_.reset();
    EXPECT_TRUE(cgroups_->names().empty());
    EXPECT_FALSE(std::filesystem::exists(data_.path() / "runs" / task.name.text()));
    EXPECT_THAT(log_of(task.name), EndsWith("kept\n"));
}

TEST_F(LocalEngineTest, AnAttemptThatIsAliveIsNotForgotten) {
    const Task task = task_of("sleep 1000");
    submit(task);
    engine_->forget(task.name);
    EXPECT_TRUE(engine_->inspect(task.name).has_value());
}

TEST_F(LocalEngineTest, WhatTheJobLeavesBehindEndsWithIt) {
    const Ended ended = run(task_of("sleep 1000 & (setsid sleep 1000 &) ; echo done"));
    EXPECT_EQ(ended.exit_code, 0);
}

TEST_F(LocalEngineTest, ManyJobsAtOnceAllEndWell) {
    std::vector<Task> tasks;
    for (int index = 0; index < 30; ++index) {
        tasks.push_back(task_of("echo " + std::to_string(index)));
        submit(tasks.back());
    }
    for (std::size_t index = 0; index < tasks.size(); ++index) {
        const auto ended = await_end(tasks[index].name);
        ASSERT_TRUE(ended);
        EXPECT_EQ(ended->exit_code, 0) << ended->reason;
        EXPECT_THAT(log_of(tasks[index].name), EndsWith("\n" + std::to_string(index) + "\n"));
    }
}

TEST_F(LocalEngineTest, ALogBeyondItsLimitKeepsItsBeginningAndItsEnd) {
    log_limit = 1000;
    restart_engine();
    const Task task = task_of("set +x; for i in $(seq 10000); do echo line $i; done; echo it broke; exit 3");
    EXPECT_EQ(run(task).reason, "the job ended with exit code 3; the last line of its log: it broke");
    const std::string log = log_of(task.name);
    EXPECT_THAT(log, StartsWith("+ set -e\n+ set +x\nline 1\n"));
    EXPECT_THAT(log, HasSubstr("\n[flotilla: log limit of 1000 bytes reached, 97"));
    EXPECT_THAT(log, EndsWith("\nline 9999\nline 10000\nit broke\n"));
    EXPECT_LT(log.size(), 1100U);
}

TEST_F(LocalEngineTest, EveryByteOfALogIsThereWhenTheJobHasEnded) {
    const Task task = task_of("set +x; head -c 500000 /dev/zero | tr '\\0' x");
    run(task);
    EXPECT_EQ(log_of(task.name), "+ set -e\n+ set +x\n" + std::string(500'000, 'x'));
}

TEST_F(LocalEngineTest, ACommandTooLongForAnArgumentWorks) {
    const Task task = task_of("set +x\n: " + std::string(200'000, 'a') + "\necho end");
    EXPECT_EQ(run(task).exit_code, 0);
    EXPECT_EQ(log_of(task.name), "+ set -e\n+ set +x\nend\n");
}

TEST_F(LocalEngineTest, AnEnvironmentTooLargeIsRejectedWithASentence) {
    Task task = task_of("true");
    task.env = {{"BIG", std::string(200'000, 'a')}};
    const Ended ended = run(task);
    EXPECT_EQ(ended.exit_class, ExitClass::rejected);
    EXPECT_EQ(ended.exit_code, std::nullopt);
    EXPECT_EQ(ended.reason,
              "the environment is too large, or one of its variables is: Argument list too long (E2BIG)");
}

TEST_F(LocalEngineTest, TheCostOfAFailedStartIsOneAttemptAndIsRemembered) {
    Task task = task_of("true");
    task.user = "ghost";
    const Ended ended = run(task);
    EXPECT_EQ(ended.exit_class, ExitClass::rejected);
    EXPECT_EQ(ended.reason, "the user \"ghost\" is not in the image's /etc/passwd");
    restart_engine();
    const auto known = engine_->inspect(task.name);
    ASSERT_TRUE(known && std::holds_alternative<Ended>(*known));
    EXPECT_EQ(std::get<Ended>(*known).exit_class, ExitClass::rejected);
    EXPECT_EQ(log_of(task.name), "");
}

TEST_F(LocalEngineTest, AnImageThatCannotBeHadEndsTheAttempt) {
    Task task = task_of("true", "127.0.0.1:1/nowhere/nothing:1");
    submit(task);
    engine_->stop(task.name, std::chrono::seconds{0});
    const auto ended = await_end(task.name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_class, ExitClass::stopped_by_user);
    EXPECT_EQ(ended->reason, "stopped before it started");
}

TEST_F(LocalEngineTest, WhatIsNoImageReferenceIsRefused) {
    const SubmitOutcome outcome = engine_->submit(task_of("true", "No Such Thing"));
    ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
    EXPECT_EQ(std::get<Refused>(outcome).exit_class, ExitClass::rejected);
    EXPECT_TRUE(engine_->list().empty());
}

TEST_F(LocalEngineTest, AStoppedJobEndsByTheSignalItGets) {
    const Task task = task_of("echo up; sleep 1000");
    submit(task);
    ASSERT_TRUE(await_log(task.name, "\nup\n"));
    engine_->stop(task.name, std::chrono::seconds{30});
    const auto ended = await_end(task.name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 143);
    EXPECT_EQ(ended->exit_class, ExitClass::stopped_by_user);
}

TEST_F(LocalEngineTest, AJobMayEndWellWhenItIsStopped) {
    const Task task = task_of("trap 'echo bye; exit 0' TERM; echo up; while true; do sleep 0.05; done");
    submit(task);
    ASSERT_TRUE(await_log(task.name, "\nup\n"));
    engine_->stop(task.name, std::chrono::seconds{30});
    const auto ended = await_end(task.name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 0);
    EXPECT_THAT(log_of(task.name), HasSubstr("\nbye\n"));
}

TEST_F(LocalEngineTest, AJobThatIgnoresAStopIsKilledAfterItsGracePeriod) {
    const Task task = task_of("trap '' TERM; echo up; while true; do sleep 0.05; done");
    submit(task);
    ASSERT_TRUE(await_log(task.name, "\nup\n"));
    engine_->stop(task.name, std::chrono::seconds{0});
    const auto ended = await_end(task.name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 137);
    EXPECT_EQ(ended->exit_class, ExitClass::stopped_by_user);
    restart_engine();
    EXPECT_EQ(std::get<Ended>(engine_->inspect(task.name).value()).exit_code, 137);
}

TEST_F(LocalEngineTest, AJobCannotPretendThatItWasStopped) {
    const Ended ended = run(task_of("! kill -TERM 1; ! kill -KILL 1; exit 5"));
    EXPECT_EQ(ended.exit_code, 5);
    EXPECT_EQ(ended.exit_class, ExitClass::job_failed);
}

std::set<std::string> names_in(const std::filesystem::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

TEST_F(LocalEngineTest, AHostThatCanStartRunsIsInNoTroubleAndTryingLeavesNothing) {
    const auto before = names_in(data_.path() / "runs");
    EXPECT_EQ(engine_->trouble(), std::nullopt);
    EXPECT_EQ(names_in(data_.path() / "runs"), before);
    EXPECT_TRUE(cgroups_->names().empty());
    EXPECT_EQ(launcher_->trouble(), std::nullopt);
}

TEST_F(LocalEngineTest, AFolderThatIsGoneIsTroubleUntilItIsBack) {
    const auto runs = data_.path() / "runs";
    std::filesystem::remove_all(runs);
    EXPECT_THAT(engine_->trouble().value_or(""), HasSubstr(runs.string() + " cannot be reached"));
    std::filesystem::create_directory(runs);
    EXPECT_EQ(engine_->trouble(), std::nullopt);
}

}  // namespace
}  // namespace flotilla::test
