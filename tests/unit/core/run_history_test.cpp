#include "core/run_history.hpp"

#include <gtest/gtest.h>

#include "support/sample_runs.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using test::noon;

std::vector<std::string> told(const flotilla::Run& run) {
    std::vector<std::string> lines;
    for (const RunEvent& event : history_of(run)) {
        lines.push_back(std::to_string(event.attempt) + " " + std::string(to_string(event.kind)) + ": " +
                        event.message);
    }
    return lines;
}
using Lines = std::vector<std::string>;

flotilla::Run queued_run() {
    return test::sample_run("r1", test::sample_definition("a"));
}

TEST(RunHistory, AQueuedRunWasQueued) {
    EXPECT_EQ(told(queued_run()), (Lines{"1 queued: queued on default for somebody"}));
}

TEST(RunHistory, WhoSentTheCallIsNamedWhereItIsAnotherThanTheOwner) {
    auto run = queued_run();
    run.executed_by = "scheduler";
    EXPECT_EQ(told(run), (Lines{"1 queued: queued on default for somebody by scheduler"}));
}

TEST(RunHistory, EachAttemptIsToldFromItsQueueToItsEnd) {
    auto run = queued_run();
    run.attempt.submitted_at = noon + 1s;
    run.attempt.finished_at = noon + 2s;
    run.attempt.exit_reason = "the registry was busy";
    run.earlier_attempts = {run.attempt};
    run.attempt = {};
    run.attempt.number = 2;
    run.attempt.queued_at = noon + 3s;
    run.attempt.submitted_at = noon + 4s;
    run.attempt.started_at = noon + 5s;
    run.attempt.instance = {"i-1", "host.example"};
    run.attempt.finished_at = noon + 9s;
    run.attempt.exit_code = 3;
    EXPECT_EQ(
        told(run),
        (Lines{"1 queued: queued on default for somebody", "1 submitted: handed to the engine local",
               "1 ended: ended without an exit code: the registry was busy",
               "2 queued: queued again on default, attempt 2", "2 submitted: handed to the engine local",
               "2 started: started on host.example", "2 ended: ended with exit code 3"}));
}

TEST(RunHistory, AStopRequestStandsBeforeTheEnd) {
    auto run = queued_run();
    run.stop_requested_at = noon + 1s;
    run.stopped_by = "ann";
    run.attempt.finished_at = noon + 1s;
    EXPECT_EQ(told(run),
              (Lines{"1 queued: queued on default for somebody", "1 stop_requested: asked to stop by ann",
                     "1 ended: ended without an exit code"}));
}

}  // namespace
}  // namespace flotilla
