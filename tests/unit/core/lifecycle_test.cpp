#include "core/lifecycle.hpp"

#include <gtest/gtest.h>

#include "support/sample_runs.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using test::noon;

struct LifecycleTest : testing::Test {
    flotilla::Run run = test::sample_run("r1", test::sample_definition("a"));

    bool change(ChangeKind kind) { return apply({run.attempt.number, std::move(kind)}, run); }

    void submit() {
        change(Submitting{});
        change(Submitted{"handle"});
    }
    void start() {
        submit();
        change(Started{noon + 1s, {"host", "host.example"}});
    }
    /// Back-offs of 1, 2, 4 ... seconds from two seconds past noon.
    static RetryTerms terms() { return {RetryRules{.max_attempts = 3}, noon + 2s, 0.0}; }
    static Ended exited(int code) {
        return {noon + 2s, code, code == 0 ? ExitClass::completed : ExitClass::job_failed, "it ended",
                terms()};
    }
    static Ended stopped() { return {noon + 2s, 143, ExitClass::stopped_by_user, "stopped", {}}; }
    static Ended broken(ExitClass exit_class) {
        return {noon + 2s, std::nullopt, exit_class, "the platform failed", terms()};
    }
};

TEST_F(LifecycleTest, ANormalRunGoesForwardToStopped) {
    submit();
    EXPECT_EQ(run.status, RunStatus::pending);
    EXPECT_EQ(run.attempt.handle, "handle");
    change(Started{noon + 1s, {"host", "host.example"}});
    EXPECT_EQ(run.status, RunStatus::running);
    EXPECT_EQ(run.shown_exit_code(), std::nullopt);
    change(exited(7));
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.shown_exit_code(), 7);
    EXPECT_EQ(run.shown_finished_at(), noon + 2s);
    EXPECT_EQ(run.attempt.phase, AttemptPhase::ended);
}

TEST_F(LifecycleTest, NewsMayComeInAnyOrder) {
    change(Submitting{});
    change(Started{noon + 1s, {}});
    EXPECT_EQ(run.status, RunStatus::running);
    EXPECT_TRUE(change(Submitted{"handle"}));
    EXPECT_EQ(run.status, RunStatus::running);
    EXPECT_EQ(run.attempt.handle, "handle");
    change(exited(0));
    EXPECT_FALSE(change(Started{noon + 5s, {}}));
    EXPECT_EQ(run.status, RunStatus::stopped);
}

TEST_F(LifecycleTest, WhereItRunsMayBeKnownLaterThanThatItDoes) {
    change(Submitting{});
    change(Started{noon + 1s, {}});
    EXPECT_TRUE(change(Started{noon + 9s, {"i-1", ""}}));
    EXPECT_TRUE(change(Started{noon + 9s, {"i-1", "host-1"}}));
    EXPECT_FALSE(change(Started{noon + 9s, {"i-2", "host-2"}}));
    EXPECT_FALSE(change(Started{noon + 9s, {}}));
    EXPECT_EQ(run.attempt.instance.dns_name, "host-1");
    EXPECT_EQ(run.attempt.started_at, noon + 1s);
}

TEST_F(LifecycleTest, WhatItsEngineCallsItIsKnownFromWhateverNewsComesFirst) {
    change(Submitting{});
    change(Started{noon + 1s, {}, "told first"});
    EXPECT_EQ(run.attempt.handle, "told first");
    EXPECT_TRUE(change(Submitted{"told later", noon}));
    EXPECT_EQ(run.attempt.handle, "told first");
    EXPECT_EQ(run.attempt.submitted_at, noon);
    EXPECT_FALSE(change(Submitted{"told again", noon + 1s}));
}

TEST_F(LifecycleTest, AnEndThatComesBeforeAllOtherNewsSaysWhatItsEngineCallsIt) {
    change(Submitting{});
    Ended end = exited(0);
    end.handle = "handle";
    change(end);
    EXPECT_EQ(run.attempt.handle, "handle");
}

TEST_F(LifecycleTest, AnEndTellsTheStartWhoseNewsWasLost) {
    submit();
    Ended end = broken(ExitClass::host_lost);
    end.started = Started{noon + 1s, {"host", "host.example"}};
    change(end);
    EXPECT_EQ(run.attempt.started_at, noon + 1s);
    EXPECT_EQ(run.attempt.instance.id, "host");
    EXPECT_EQ(run.status, RunStatus::stopped);  // what has started is not tried again
}

TEST_F(LifecycleTest, RepeatedNewsChangesNothing) {
    start();
    EXPECT_FALSE(change(Started{noon + 9s, {}}));
    EXPECT_FALSE(change(Started{noon + 9s, {"late", "late"}}));
    change(exited(0));
    EXPECT_FALSE(change(exited(0)));
    EXPECT_FALSE(change(exited(1)));
    EXPECT_EQ(run.shown_exit_code(), 0);
}

TEST_F(LifecycleTest, NewsOfAnotherAttemptChangesNothing) {
    start();
    EXPECT_FALSE(apply({2, exited(1)}, run));
    EXPECT_EQ(run.status, RunStatus::running);
}

TEST_F(LifecycleTest, NothingEndsWhatWasNeverSubmitted) {
    EXPECT_FALSE(change(exited(0)));
    EXPECT_EQ(run.status, RunStatus::queued);
}

TEST_F(LifecycleTest, AnUnknownExitCodeIsFilledInOnce) {
    start();
    change(broken(ExitClass::host_lost));
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_TRUE(change(exited(3)));
    EXPECT_EQ(run.shown_exit_code(), 3);
    EXPECT_FALSE(change(exited(4)));
    EXPECT_EQ(run.shown_exit_code(), 3);
}

TEST_F(LifecycleTest, APlatformFailureBeforeTheStartIsTriedAgain) {
    submit();
    change(broken(ExitClass::image_unavailable));
    EXPECT_EQ(run.status, RunStatus::needs_retry);
    EXPECT_EQ(run.retry_at, noon + 3s);
    EXPECT_EQ(run.shown_finished_at(), std::nullopt);
    change(Requeued{noon + 3s});
    EXPECT_EQ(run.status, RunStatus::queued);
    EXPECT_EQ(run.attempt.number, 2);
    EXPECT_EQ(run.attempt.phase, AttemptPhase::waiting);
    ASSERT_EQ(run.earlier_attempts.size(), 1U);
    EXPECT_EQ(run.earlier_attempts[0].exit_class, ExitClass::image_unavailable);
}

TEST_F(LifecycleTest, WhenAttemptsAreUsedUpTheLastReasonStays) {
    submit();
    auto end = broken(ExitClass::start_failed);
    end.retry.rules.max_attempts = 1;
    change(end);
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.attempt.exit_reason, "the platform failed");
    EXPECT_EQ(run.shown_exit_code(), std::nullopt);
}

TEST_F(LifecycleTest, NothingIsTriedAgainOnceItsProcessStarted) {
    start();
    change(broken(ExitClass::host_lost));
    EXPECT_EQ(run.status, RunStatus::stopped);
}

TEST_F(LifecycleTest, AMissingImageIsNotTriedAgain) {
    submit();
    change(broken(ExitClass::image_not_found));
    EXPECT_EQ(run.status, RunStatus::stopped);
}

TEST_F(LifecycleTest, AQueuedRunStopsAtOnce) {
    change(StopRequested{noon + 1s, "ann"});
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::stopped_by_user);
    EXPECT_EQ(run.attempt.exit_reason, "stopped on request of ann");
    EXPECT_FALSE(change(Submitting{}));
}

TEST_F(LifecycleTest, ARunningRunStopsWhenItsContainerIsGone) {
    start();
    change(StopRequested{noon + 1s, ""});
    EXPECT_EQ(run.status, RunStatus::running);
    EXPECT_TRUE(run.is_unwanted());
    change(stopped());
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.shown_exit_code(), 143);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::stopped_by_user);
}

TEST_F(LifecycleTest, ARunThatCompletedBeforeItsStopTookEffectCompleted) {
    start();
    change(StopRequested{noon + 1s, ""});
    change(exited(0));
    EXPECT_EQ(run.attempt.exit_class, ExitClass::completed);
}

TEST_F(LifecycleTest, ARunThatFailedBeforeItsStopTookEffectFailedByItself) {
    start();
    change(StopRequested{noon + 1s, ""});
    change(exited(6));
    EXPECT_EQ(run.attempt.exit_class, ExitClass::job_failed);
    EXPECT_EQ(run.attempt.exit_reason, "it ended");
}

TEST_F(LifecycleTest, AStopDuringTheBackOffEndsTheRun) {
    submit();
    change(broken(ExitClass::start_failed));
    change(StopRequested{noon + 2s, ""});
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_FALSE(change(Requeued{noon + 9s}));
}

TEST_F(LifecycleTest, AStopThatMeetsADeferredSubmissionEndsTheRun) {
    change(Submitting{});
    change(StopRequested{noon + 1s, ""});
    EXPECT_EQ(run.status, RunStatus::queued);
    change(Deferred{});
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.attempt.finished_at, noon + 1s);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::stopped_by_user);
}

TEST_F(LifecycleTest, ADeferredRunWaitsAgain) {
    change(Submitting{});
    change(Deferred{});
    EXPECT_EQ(run.attempt.phase, AttemptPhase::waiting);
    EXPECT_TRUE(change(Submitting{}));
}

TEST_F(LifecycleTest, AStopKeepsFailedSubmissionsFromBeingTriedAgain) {
    submit();
    change(StopRequested{noon + 1s, ""});
    change(broken(ExitClass::image_unavailable));
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::stopped_by_user);
}

TEST_F(LifecycleTest, AReportMovesTheStatusOnlyForward) {
    EXPECT_TRUE(change(Reported{noon, RunStatus::running, {}, {}}));
    EXPECT_EQ(run.status, RunStatus::running);
    EXPECT_FALSE(change(Reported{noon, RunStatus::pending, {}, {}}));
    EXPECT_EQ(run.status, RunStatus::running);
}

TEST_F(LifecycleTest, ARunReportedRunningWhileItWaitsIsStillSubmitted) {
    change(Reported{noon, RunStatus::running, {}, {}});
    EXPECT_TRUE(change(Submitting{}));
    change(Submitted{"handle"});
    EXPECT_EQ(run.status, RunStatus::running);
    EXPECT_EQ(run.attempt.phase, AttemptPhase::pending);
}

TEST_F(LifecycleTest, ARunReportedStoppedWhileItWaitsIsFinished) {
    change(Reported{noon + 1s, RunStatus::stopped, 0, {}});
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.shown_exit_code(), 0);
    EXPECT_EQ(run.attempt.phase, AttemptPhase::ended);
}

TEST_F(LifecycleTest, AReportedEndFixesTheOutcomeWhileTheContainerLives) {
    start();
    change(Reported{noon + 2s, RunStatus::stopped, 4, {}});
    EXPECT_EQ(run.shown_exit_code(), 4);
    EXPECT_TRUE(is_live(run.attempt.phase));
    EXPECT_TRUE(run.is_unwanted());
    change(exited(137));
    EXPECT_EQ(run.shown_exit_code(), 4);
    EXPECT_EQ(run.shown_finished_at(), noon + 2s);
    EXPECT_EQ(run.attempt.phase, AttemptPhase::ended);
}

TEST_F(LifecycleTest, AReportedEndDoesNotUndoWhatIsKnownOfAnAttemptThatHasEnded) {
    run.spec.limits.retry = RetryPolicy{.max_attempts = 2};
    start();
    change(Ended{noon + 2s, 137, ExitClass::out_of_memory, "out of memory"});
    ASSERT_EQ(run.status, RunStatus::needs_retry);
    change(Reported{noon + 3s, RunStatus::stopped, {}, {}});
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.shown_exit_code(), 137);
    EXPECT_EQ(run.shown_finished_at(), noon + 2s);
}

TEST_F(LifecycleTest, AReportedEndWithoutExitCodeTakesTheContainers) {
    start();
    change(Reported{noon + 2s, RunStatus::stopped, {}, {}});
    change(exited(3));
    EXPECT_EQ(run.shown_exit_code(), 3);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::job_failed);
}

TEST_F(LifecycleTest, AReportedEndWithoutExitCodeIsASuccessIfTheContainersIs) {
    start();
    change(Reported{noon + 2s, RunStatus::stopped, {}, {}});
    change(exited(0));
    EXPECT_EQ(run.shown_exit_code(), 0);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::completed);
}

TEST_F(LifecycleTest, AReportedRetryWaitsUntilTheContainerIsGone) {
    start();
    change(Reported{noon + 2s, RunStatus::needs_retry, {}, terms()});
    EXPECT_EQ(run.status, RunStatus::needs_retry);
    EXPECT_FALSE(change(Requeued{noon + 5s}));
    change(exited(143));
    EXPECT_EQ(run.status, RunStatus::needs_retry);
    EXPECT_TRUE(change(Requeued{noon + 5s}));
    EXPECT_EQ(run.attempt.number, 2);
}

TEST_F(LifecycleTest, AReportedRetryBeyondTheLastAttemptEndsTheRun) {
    start();
    change(Reported{noon + 2s, RunStatus::needs_retry, {}, {}});
    EXPECT_EQ(run.status, RunStatus::stopped);
}

TEST_F(LifecycleTest, AStopWhileAReportedRetryWaitsForItsContainerEndsTheRun) {
    start();
    change(Reported{noon + 2s, RunStatus::needs_retry, {}, terms()});
    change(StopRequested{noon + 3s, ""});
    change(exited(143));
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_FALSE(change(Requeued{noon + 5s}));
}

TEST_F(LifecycleTest, NoReportRaisesAStoppedRun) {
    start();
    change(exited(0));
    for (const auto status : {RunStatus::queued, RunStatus::pending, RunStatus::running,
                              RunStatus::needs_retry, RunStatus::stopped}) {
        EXPECT_FALSE(change(Reported{noon + 5s, status, 9, terms()})) << to_string(status);
    }
    EXPECT_EQ(run.shown_exit_code(), 0);
}

TEST_F(LifecycleTest, TheEndIsNeverBeforeTheStart) {
    submit();
    change(Started{noon + 10s, {}});
    change(exited(0));
    EXPECT_EQ(run.shown_finished_at(), noon + 10s);
}

TEST_F(LifecycleTest, ADefinitionsOwnFailuresAreTriedAgainAsItsPolicySays) {
    run.spec.limits.retry = RetryPolicy{.max_attempts = 2, .on = {17}, .backoff_seconds = 10};
    start();
    change(exited(17));
    EXPECT_EQ(run.status, RunStatus::needs_retry);
    EXPECT_EQ(run.retry_at, noon + 12s);
    change(Requeued{noon + 12s});
    start();
    change(exited(17));
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.shown_exit_code(), 17);
}

TEST_F(LifecycleTest, WhatThePolicyDoesNotNameIsNotTriedAgain) {
    run.spec.limits.retry = RetryPolicy{.max_attempts = 2, .on = {17, ExitClass::out_of_memory}};
    start();
    change(exited(3));
    EXPECT_EQ(run.status, RunStatus::stopped);
}

TEST_F(LifecycleTest, ThePlatformsFailuresAndTheJobsAreCountedApart) {
    run.spec.limits.retry = RetryPolicy{.max_attempts = 2};
    for (int i = 0; i < 2; ++i) {
        submit();
        change(broken(ExitClass::start_failed));
        ASSERT_EQ(run.status, RunStatus::needs_retry) << i;
        change(Requeued{noon + 3s});
    }
    start();
    change(exited(1));
    ASSERT_EQ(run.status, RunStatus::needs_retry);
    change(Requeued{noon + 13s});
    submit();
    change(broken(ExitClass::start_failed));
    EXPECT_EQ(run.status, RunStatus::stopped) << "the third of the platform";
}

TEST_F(LifecycleTest, AStoppedRunIsNotTriedAgainWhateverItsPolicy) {
    run.spec.limits.retry = RetryPolicy{.max_attempts = 9};
    start();
    change(StopRequested{noon + 1s, ""});
    change(exited(1));
    EXPECT_EQ(run.status, RunStatus::stopped);
}

TEST_F(LifecycleTest, WhatWaitsForTooLongEnds) {
    run.spec.limits.queue_timeout_seconds = 60;
    const auto deadline = run.attempt.queued_at + 60s;
    EXPECT_EQ(deadline_of(run), deadline);
    EXPECT_FALSE(change(Overdue{deadline - 1us}));
    EXPECT_TRUE(change(Overdue{deadline}));
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::queue_timed_out);
    EXPECT_EQ(run.attempt.exit_reason, "waited longer than its queue timeout of 60 s");
    EXPECT_EQ(deadline_of(run), std::nullopt);
}

TEST_F(LifecycleTest, WhatRunsForTooLongHasToGoAndEndsAsTimedOut) {
    run.spec.limits.timeout_seconds = 5;
    run.spec.limits.queue_timeout_seconds = 1;
    start();
    EXPECT_EQ(deadline_of(run), noon + 6s);
    EXPECT_TRUE(change(Overdue{noon + 6s}));
    EXPECT_TRUE(run.is_unwanted());
    EXPECT_EQ(run.status, RunStatus::running);
    EXPECT_FALSE(change(Overdue{noon + 7s}));
    change(stopped());
    EXPECT_EQ(run.status, RunStatus::stopped);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::timed_out);
    EXPECT_EQ(run.attempt.exit_reason, "ran longer than its timeout of 5 s");
    EXPECT_EQ(run.shown_exit_code(), 143);
}

TEST_F(LifecycleTest, WhatEndsByItselfJustBeforeItIsEndedDidNotTimeOut) {
    run.spec.limits.timeout_seconds = 5;
    start();
    change(Overdue{noon + 6s});
    change(exited(0));
    EXPECT_EQ(run.attempt.exit_class, ExitClass::completed);
}

TEST_F(LifecycleTest, WhatALogLacksIsSaidHoweverItsJobEnded) {
    const auto reason_of = [&](ChangeKind before, Ended end) {
        run = test::sample_run("r1", test::sample_definition("a"));
        run.spec.limits.timeout_seconds = 5;
        start();
        change(std::move(before));
        end.log_lost = 7;
        change(std::move(end));
        return run.attempt.exit_reason;
    };
    const std::string lacks = "; its log lacks 7 bytes that could not be written";
    EXPECT_EQ(reason_of(Started{}, exited(1)), "it ended" + lacks);
    EXPECT_EQ(reason_of(StopRequested{noon + 2s, "ann"}, stopped()), "stopped on request of ann" + lacks);
    EXPECT_EQ(reason_of(Overdue{noon + 6s}, stopped()), "ran longer than its timeout of 5 s" + lacks);
}

TEST_F(LifecycleTest, ATimeoutIsTriedAgainIfThePolicySaysSo) {
    run.spec.limits.timeout_seconds = 5;
    run.spec.limits.retry = RetryPolicy{.max_attempts = 2, .on = {ExitClass::timed_out}};
    start();
    change(Overdue{noon + 6s});
    auto end = stopped();
    end.retry = terms();
    change(end);
    EXPECT_EQ(run.status, RunStatus::needs_retry);
    change(Requeued{noon + 12s});
    EXPECT_FALSE(run.attempt.timed_out_at);
    EXPECT_FALSE(run.is_unwanted());
}

}  // namespace
}  // namespace flotilla
