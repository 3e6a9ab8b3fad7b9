#include "engine/ecs/task_state.hpp"

#include <algorithm>
#include <random>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_text.hpp"
#include "engine/ecs/task_events.hpp"
#include "support/sample_runs.hpp"

namespace flotilla::test {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

TaskState stopped(const std::string& container_reason, const std::string& stopped_reason = "",
                  const std::string& stop_code = "") {
    TaskState state{.name = {{"r"}, 1},
                    .arn = "arn",
                    .cluster_arn = "",
                    .container_instance = "",
                    .last_status = "STOPPED"};
    state.container_reason = container_reason;
    state.stopped_reason = stopped_reason;
    state.stop_code = stop_code;
    return state;
}

Ended end_of(const TaskState& state, bool is_stop_wanted = false) {
    return std::get<Ended>(observation_of(state, {}, 512, is_stop_wanted, noon));
}

TEST(StartedBy, IsReadAsItWasWritten) {
    const AttemptName name{{"0b0b-1"}, 12};
    EXPECT_EQ(started_by(name), "flotilla/0b0b-1/12");
    EXPECT_EQ(parse_started_by(started_by(name)), name);
    for (const char* text : {"", "flotilla/", "flotilla//1", "flotilla/x", "flotilla/x/", "flotilla/x/0",
                             "flotilla/x/1a", "ecs-svc/1"}) {
        EXPECT_EQ(parse_started_by(text), std::nullopt) << text;
    }
}

TEST(ParsedTask, TellsTimesAsEventsAndAsAnswersHaveThem) {
    const auto event =
        parse_task(json::parse(R"({"taskArn":"a","startedBy":"flotilla/r/1","lastStatus":"RUNNING",
        "version":3,"startedAt":"2018-11-01T12:00:00.250Z","unknown":{},"containers":[{"name":"c"}]})")
                       .as_object());
    const auto answer =
        parse_task(json::parse(R"({"taskArn":"a","startedBy":"flotilla/r/1","lastStatus":"RUNNING",
        "startedAt":1541073600.25,"containers":[]})")
                       .as_object());
    ASSERT_TRUE(event && answer);
    EXPECT_EQ(event->started_at, noon + std::chrono::milliseconds{250});
    EXPECT_EQ(answer->started_at, event->started_at);
    EXPECT_EQ(event->version, 3);
}

TEST(ParsedTask, EndsAsItsOwnContainerDid) {
    const auto task =
        parse_task(json::parse(R"({"taskArn":"a","startedBy":"flotilla/r/1","lastStatus":"STOPPED",
        "taskDefinitionArn":"arn:aws:ecs:us-east-1:1:task-definition/job:12",
        "overrides":{"containerOverrides":[{"name":"aws-guardduty-agent"},{"name":"job"}]},
        "containers":[{"name":"aws-guardduty-agent","exitCode":0},{"name":"job","exitCode":3}]})")
                       .as_object());
    ASSERT_TRUE(task);
    EXPECT_EQ(task->exit_code, 3);
}

TEST(ParsedEvent, IsOfATaskOfOursOrForeignOrUnreadable) {
    using Kind = ParsedEvent::Kind;
    EXPECT_EQ(parse_task_event("{").kind, Kind::malformed);
    EXPECT_EQ(parse_task_event(R"({"detail":[]})").kind, Kind::malformed);
    EXPECT_EQ(parse_task_event(R"({"detail":{"startedBy":"me"}})").kind, Kind::foreign);
    EXPECT_EQ(parse_task_event(R"({"detail":{"startedBy":"flotilla/r/1"}})").kind, Kind::malformed);
    EXPECT_EQ(
        parse_task_event(R"({"detail":{"startedBy":"flotilla/r/1","taskArn":"a","lastStatus":"STOPPED"}})")
            .kind,
        Kind::task);
}

TEST(EndOfATask, WithAnExitCodeIsTheJobsOwn) {
    TaskState state = stopped("");
    state.exit_code = 3;
    EXPECT_EQ(end_of(state).exit_class, ExitClass::job_failed);
    EXPECT_EQ(end_of(state).exit_code, 3);
    EXPECT_TRUE(end_of(state).started);
    state.exit_code = 137;
    EXPECT_EQ(end_of(state, true).exit_class, ExitClass::stopped_by_user);
    state.container_reason = "OutOfMemoryError: Container killed due to memory usage";
    EXPECT_EQ(end_of(state).exit_class, ExitClass::out_of_memory);
}

TEST(EndOfATask, OfWhichNothingIsLeftIsTheSame) {
    const auto deleted = parse_task(json::parse(R"({"taskArn":"a","startedBy":"flotilla/r/1",
        "lastStatus":"DELETED","containers":[{"exitCode":3}]})")
                                        .as_object());
    ASSERT_TRUE(deleted);
    EXPECT_EQ(end_of(*deleted).exit_code, 3);
    EXPECT_FALSE(is_newer(*deleted, *deleted));
}

TEST(EndOfATask, OfWhichAwsSaysWhyIsNotBlamedOnTheJob) {
    const auto ended = [](int code, const std::string& stop_code, const std::string& reason) {
        TaskState state = stopped("", reason, stop_code);
        state.exit_code = code;
        return end_of(state);
    };
    const Ended interrupted = ended(143, "SpotInterruption", "Your Spot Task was interrupted.");
    EXPECT_EQ(interrupted.exit_class, ExitClass::host_lost);
    EXPECT_EQ(interrupted.exit_code, 143);
    EXPECT_THAT(interrupted.reason, HasSubstr("SIGTERM); ECS says: Your Spot Task was interrupted."));
    EXPECT_EQ(ended(137, "", "Host EC2 (instance i-1) terminated.").exit_class, ExitClass::host_lost);
    EXPECT_EQ(ended(0, "SpotInterruption", "Your Spot Task was interrupted.").exit_class,
              ExitClass::completed);
    const Ended by_hand = ended(137, "UserInitiated", "Task stopped by user bob: too expensive");
    EXPECT_EQ(by_hand.exit_class, ExitClass::stopped_by_user);
    EXPECT_THAT(by_hand.reason, HasSubstr("too expensive"));
    const Ended by_itself = ended(3, "EssentialContainerExited", "Essential container in task exited");
    EXPECT_EQ(by_itself.exit_class, ExitClass::job_failed);
    EXPECT_EQ(by_itself.reason, "the job ended with exit code 3");
}

TEST(EndOfATask, WithoutAnExitCodeIsToldByItsReason) {
    const std::vector<std::pair<std::string, ExitClass>> reasons{
        {"CannotPullContainerError: context deadline exceeded", ExitClass::image_unavailable},
        {"CannotPullContainerError: toomanyrequests: rate limit", ExitClass::image_unavailable},
        {"CannotPullContainerError: manifest for x:y not found", ExitClass::image_not_found},
        {"CannotPullContainerError: pull access denied for x", ExitClass::image_not_found},
        {"CannotCreateContainerError: no space left on device", ExitClass::start_failed},
        {"CannotStartContainerError: Error response from daemon: too many open files",
         ExitClass::start_failed},
        {"CannotStartContainerError: exec: \"bash\": executable file not found in $PATH",
         ExitClass::rejected},
        {"CannotStartContainerError: exec: \"/job\": stat /job: no such file or directory",
         ExitClass::rejected},
        {"CannotStartContainerError: open /sys/fs/cgroup/x: no such file or directory",
         ExitClass::start_failed},
        {"CannotPullContainerError: unexpected status code https://x: 403 Forbidden",
         ExitClass::image_not_found},
        {"CannotPullContainerError: image Manifest does not contain descriptor matching platform "
         "'linux/arm64'",
         ExitClass::image_not_found},
        {"CannotPullECRContainerError: AccessDeniedException: not authorized", ExitClass::image_not_found},
        {"DockerTimeoutError: Could not transition to started", ExitClass::start_failed},
        {"something new", ExitClass::engine_error},
    };
    for (const auto& [reason, exit_class] : reasons) {
        const Ended end = end_of(stopped(reason));
        EXPECT_EQ(end.exit_class, exit_class) << reason;
        EXPECT_EQ(end.exit_code, std::nullopt);
        EXPECT_FALSE(end.started);
        EXPECT_THAT(end.reason, HasSubstr(reason));
    }
    EXPECT_EQ(end_of(stopped("", "Host EC2 (instance i-1) terminated.")).exit_class, ExitClass::host_lost);
    EXPECT_EQ(end_of(stopped("", "", "SpotInterruption")).exit_class, ExitClass::host_lost);
    EXPECT_EQ(end_of(stopped("", "", "TaskFailedToStart")).exit_class, ExitClass::start_failed);
    EXPECT_EQ(end_of(stopped("", "stopped", "UserInitiated")).exit_class, ExitClass::stopped_by_user);
    EXPECT_EQ(end_of(stopped("CannotPullContainerError: x"), true).exit_class, ExitClass::stopped_by_user);
}

TEST(EndOfATask, OfAHostThatWasLostSaysWhetherTheJobHadStarted) {
    TaskState state = stopped("", "Host EC2 (instance i-1) terminated.");
    state.started_at = noon - std::chrono::minutes{1};
    EXPECT_TRUE(end_of(state).started);
}

TEST(StateOfATask, SaysWhatItWaitsFor) {
    TaskState state = stopped("");
    state.last_status = "PROVISIONING";
    EXPECT_THAT(std::get<NotStarted>(observation_of(state, {}, 0, false, noon)).waiting_for,
                HasSubstr("place"));
    for (const char* status : {"DEACTIVATING", "STOPPING", "DEPROVISIONING"}) {
        state.last_status = status;
        state.started_at.reset();
        EXPECT_THAT(std::get<NotStarted>(observation_of(state, {}, 0, false, noon)).waiting_for,
                    HasSubstr("did not start"));
        state.started_at = noon;
        EXPECT_TRUE(std::holds_alternative<Started>(observation_of(state, {}, 0, false, noon)));
    }
}

}  // namespace
}  // namespace flotilla::test
