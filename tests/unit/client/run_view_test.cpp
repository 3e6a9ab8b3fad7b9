#include "client/run_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/time_text.hpp"

namespace flotilla {
namespace {

constexpr auto finished = R"({
    "run_id": "r1", "definition_id": "d1", "alias": "hello", "group_name": "g", "image": "debian:12",
    "cluster": "default", "status": "STOPPED", "exit_code": 7, "exit_reason": "the job failed",
    "started_at": "2024-05-06T07:08:09.5Z", "finished_at": "2024-05-06T07:08:10Z", "user": "ada",
    "task_arn": "r1.1", "instance": {"instance_id": "i", "dns_name": "host"},
    "env": [{"name": "A", "value": "1"}, {"name": "A", "value": ""}]})";

TEST(ReadRun, ReadsWhatTheApiTells) {
    const auto run = read_run(finished);
    EXPECT_EQ(run.id, "r1");
    EXPECT_EQ(run.definition_id, "d1");
    EXPECT_EQ(run.alias, "hello");
    EXPECT_EQ(run.group_name, "g");
    EXPECT_EQ(run.image, "debian:12");
    EXPECT_EQ(run.cluster, "default");
    EXPECT_TRUE(run.is_stopped());
    EXPECT_EQ(run.exit_code, 7);
    EXPECT_EQ(run.exit_reason, "the job failed");
    EXPECT_EQ(run.started_at, parse_time("2024-05-06T07:08:09.5Z"));
    EXPECT_EQ(run.finished_at, parse_time("2024-05-06T07:08:10Z"));
    EXPECT_EQ(run.owner, "ada");
    EXPECT_EQ(run.task_arn, "r1.1");
    EXPECT_EQ(run.instance_id, "i");
    EXPECT_EQ(run.dns_name, "host");
    EXPECT_THAT(run.env, testing::ElementsAre(EnvVar{"A", "1"}, EnvVar{"A", ""}));
}

TEST(ReadRun, ReadsWhatWasAskedForAndByWhom) {
    const auto run = read_run(R"({"run_id": "r1", "description": "nightly", "labels": {"b": "2", "a": "1"},
        "image_digest": "sha256:0a", "command": "true", "memory": 64, "cpu": 500, "gpu": 2, "secrets": ["X", "Y"],
        "timeout_seconds": 60, "queue_timeout_seconds": 600, "idempotence_key": "nightly",
        "retry": {"max_attempts": 3, "on": ["timed_out", 17], "backoff_seconds": 10},
        "engine": "local", "executed_by": "eve", "stopped_by": "bob", "exit_class": "stopped_by_user",
        "retry_at": "2024-05-06T07:08:09Z", "stop_requested_at": "2024-05-06T07:08:10Z"})");
    EXPECT_EQ(run.description, "nightly");
    EXPECT_EQ(run.labels, (Labels{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(run.image_digest, "sha256:0a");
    EXPECT_EQ(run.command, "true");
    EXPECT_EQ(run.memory, 64);
    EXPECT_EQ(run.cpu, 500);
    EXPECT_EQ(run.gpu, 2);
    EXPECT_THAT(run.secrets, testing::ElementsAre("X", "Y"));
    EXPECT_EQ(run.timeout_seconds, 60);
    EXPECT_EQ(run.queue_timeout_seconds, 600);
    EXPECT_EQ(run.idempotence_key, "nightly");
    EXPECT_EQ(run.retry.value().max_attempts, 3);
    EXPECT_THAT(run.retry->on, testing::ElementsAre("timed_out", "17"));
    EXPECT_EQ(run.retry->backoff_seconds, 10);
    EXPECT_EQ(run.engine, "local");
    EXPECT_EQ(run.executed_by, "eve");
    EXPECT_EQ(run.stopped_by, "bob");
    EXPECT_EQ(run.exit_class, "stopped_by_user");
    EXPECT_EQ(run.retry_at, parse_time("2024-05-06T07:08:09Z"));
    EXPECT_EQ(run.stop_requested_at, parse_time("2024-05-06T07:08:10Z"));
}

TEST(ReadRun, ReadsEachAttempt) {
    const auto run = read_run(R"({"run_id": "r1", "attempts": [
        {"number": 1, "status": "STOPPED", "exit_code": 3, "exit_class": "job_failed", "exit_reason": "exit code 3",
        "started_at": "2024-05-06T07:08:09Z", "finished_at": "2024-05-06T07:08:10Z"},
        {"number": 2, "status": "QUEUED"}, "x"]})");
    ASSERT_EQ(run.attempts.size(), 2);
    const auto& first = run.attempts.front();
    EXPECT_EQ(first.number, 1);
    EXPECT_TRUE(first.is_stopped());
    EXPECT_EQ(first.exit_code, 3);
    EXPECT_EQ(first.exit_class, "job_failed");
    EXPECT_EQ(first.exit_reason, "exit code 3");
    EXPECT_EQ(first.started_at, parse_time("2024-05-06T07:08:09Z"));
    EXPECT_EQ(first.finished_at, parse_time("2024-05-06T07:08:10Z"));
    EXPECT_EQ(run.attempts.back().status, "QUEUED");
    EXPECT_EQ(run.attempts.back().started_at, std::nullopt);
}

TEST(ReadRun, LeavesOutWhatIsNotKnownYet) {
    const auto run = read_run(R"({"run_id": "r1", "status": "QUEUED"})");
    EXPECT_FALSE(run.is_stopped());
    EXPECT_EQ(run.exit_code, std::nullopt);
    EXPECT_EQ(run.started_at, std::nullopt);
    EXPECT_EQ(run.queued_at, std::nullopt);
    EXPECT_EQ(run.owner, "");
}

TEST(ReadRuns, KeepsTheOrder) {
    const auto runs = read_runs(R"({"history": [{"run_id": "b"}, {"run_id": "a"}], "total": 2})");
    ASSERT_EQ(runs.size(), 2);
    EXPECT_EQ(runs[0].id, "b");
    EXPECT_EQ(runs[1].id, "a");
}

TEST(ReadRuns, RefusesWhatIsNoAnswerOfAServer) {
    EXPECT_THROW(std::ignore = read_runs("<html>"), Error);
}

}  // namespace
}  // namespace flotilla
