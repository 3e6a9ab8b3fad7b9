#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/control_plane.hpp"

namespace flotilla {
namespace {

using testing::HasSubstr;

class OperationsTest : public testing::Test {
protected:
    test::ControlPlane plane;
};

TEST_F(OperationsTest, WaitingAndLiveRunsAreCountedByCluster) {
    plane.execute("a");
    plane.clock.time += std::chrono::seconds{90};
    const auto second = plane.execute("b");
    plane.runs.advance(second.id, {1, Submitting{}});
    plane.runs.advance(second.id, {1, Submitted{"handle"}});
    const std::string text = plane.metrics_service.text();
    EXPECT_THAT(text, HasSubstr("flotilla_queue_depth{cluster=\"default\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_queue_oldest_seconds{cluster=\"default\"} 90\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_runs{cluster=\"default\",status=\"QUEUED\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_runs{cluster=\"default\",status=\"PENDING\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_runs{cluster=\"empty\",status=\"QUEUED\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_store_up 1\n"));
}

TEST_F(OperationsTest, WhatIsNoLongerWaitingIsNoLongerCounted) {
    const auto run = plane.execute("a");
    EXPECT_THAT(plane.metrics_service.text(), HasSubstr("flotilla_queue_depth{cluster=\"default\"} 1\n"));
    plane.run_service.stop(run.id, "somebody");
    const std::string text = plane.metrics_service.text();
    EXPECT_THAT(text, HasSubstr("flotilla_queue_depth{cluster=\"default\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_queue_oldest_seconds{cluster=\"default\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_runs{cluster=\"default\",status=\"QUEUED\"} 0\n"));
}

TEST_F(OperationsTest, RunsAreCountedAsTheyMoveAlong) {
    const auto id = plane.execute("a").id;
    const auto advance = [&](int attempt, const ChangeKind& change) {
        plane.runs.advance(id, {attempt, change});
    };
    advance(1, Submitting{});
    advance(1, Submitted{"handle"});
    advance(
        1,
        Ended{plane.clock.now(), {}, ExitClass::start_failed, "no", {RetryRules{}, plane.clock.now(), 0.0}});
    advance(1, Requeued{plane.clock.now()});
    advance(2, Submitting{});
    advance(2, Submitted{"handle"});
    advance(2, Started{plane.clock.now() + std::chrono::seconds{2}, {}});
    for (int repeated = 0; repeated < 2; ++repeated) {
        advance(2, Ended{plane.clock.now(), 0, ExitClass::completed, "", {}});
    }
    const std::string text = plane.metrics_service.text();
    for (const std::string series : {
             R"(flotilla_runs_submitted_total{cluster="default"} 1)",
             R"(flotilla_attempts_ended_total{cluster="default",exit_class="start_failed"} 1)",
             R"(flotilla_attempts_ended_total{cluster="default",exit_class="completed"} 1)",
             R"(flotilla_retries_total{cluster="default"} 1)",
             R"(flotilla_attempts_started_total{cluster="default"} 1)",
             R"(flotilla_attempt_launch_duration_seconds_sum{cluster="default"} 2)",
             R"(flotilla_runs_finished_total{cluster="default",exit_class="start_failed"} 0)",
             R"(flotilla_runs_finished_total{cluster="default",exit_class="completed"} 1)",
         }) {
        EXPECT_THAT(text, HasSubstr("\n" + series + "\n"));
    }
}

TEST_F(OperationsTest, AWaitingRunThatIsStoppedWhileItIsOfferedIsCountedToo) {
    const auto id = plane.execute("a").id;
    {
        const auto leases = plane.queue.take(plane.clusters.all()[0]->cluster, 1, {});
        ASSERT_EQ(leases.size(), 1);
        plane.run_service.stop(id, "somebody");
    }
    EXPECT_THAT(
        plane.metrics_service.text(),
        HasSubstr(R"(flotilla_runs_finished_total{cluster="default",exit_class="stopped_by_user"} 1)"));
}

TEST_F(OperationsTest, AServerWhoseStoreAndEnginesWorkIsReady) {
    const Readiness readiness = plane.readiness_service.readiness();
    EXPECT_TRUE(readiness.is_ready());
    ASSERT_EQ(readiness.clusters.size(), 2);
    EXPECT_EQ(readiness.clusters[0].cluster, "default");
}

TEST_F(OperationsTest, AnEngineInTroubleIsNamedAndComesBack) {
    plane.engine.reported_trouble = "the disk is full";
    const Readiness readiness = plane.readiness_service.readiness();
    EXPECT_FALSE(readiness.is_ready());
    EXPECT_EQ(readiness.store, std::nullopt);
    EXPECT_EQ(readiness.clusters.at(0).trouble, "the disk is full");
    plane.engine.reported_trouble.reset();
    EXPECT_TRUE(plane.readiness_service.readiness().is_ready());
}

TEST_F(OperationsTest, WhatAnEngineDoesWithoutIsToldAlsoOfAClusterThatIsNoLongerThere) {
    plane.engine.reported_losses = {"how 1 of its runs end: ECS has no active cluster default"};
    plane.clusters.configure("default", false);
    const Readiness readiness = plane.readiness_service.readiness();
    EXPECT_TRUE(readiness.is_ready());
    EXPECT_EQ(readiness.clusters.size(), 1);
    EXPECT_EQ(readiness.losses.at("default"), plane.engine.reported_losses);
    plane.holds.hold(Revision{{"d"}, ""}, "it is odd", std::chrono::seconds{0});
    EXPECT_THAT(plane.readiness_service.readiness().losses.at("default"),
                testing::ElementsAre(plane.engine.reported_losses.front(),
                                     "the start of runs of the definition d: it is odd"));
}

TEST_F(OperationsTest, ADatabaseThatIsNoLongerWhereItWasIsTrouble) {
    const auto file = plane.folder.path() / "test.db";
    const auto elsewhere = plane.folder.path() / "elsewhere.db";
    std::filesystem::rename(file, elsewhere);
    EXPECT_THAT(plane.readiness_service.readiness().store.value_or(""), HasSubstr("was moved or removed"));
    std::filesystem::rename(elsewhere, file);
    EXPECT_TRUE(plane.readiness_service.readiness().is_ready());
}

TEST_F(OperationsTest, AServerThatStopsIsNotReady) {
    plane.readiness_service.drain();
    EXPECT_FALSE(plane.readiness_service.readiness().is_ready());
}

}  // namespace
}  // namespace flotilla
