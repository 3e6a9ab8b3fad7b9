#include "service/waiting_service.hpp"

#include <gtest/gtest.h>

#include "support/control_plane.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;

struct WaitingServiceTest : testing::Test {
    std::string reason(const flotilla::Run& run) { return plane.waiting_service.reason(plane.stored(run)); }
    void advance(const flotilla::Run& run, const ChangeKind& kind) { plane.runs.advance(run.id, {1, kind}); }

    test::ControlPlane plane;
};

TEST_F(WaitingServiceTest, AQueuedRunWaitsForItsTurnOrForItsEngine) {
    const auto run = plane.execute("job");
    EXPECT_EQ(reason(run), "its turn: it is next");
    plane.pause.begin("the disk is full");
    EXPECT_EQ(reason(run), "the engine of cluster default, which is paused: the disk is full");
    plane.pause.end();
    EXPECT_EQ(reason(run), "its turn: it is next");
}

TEST_F(WaitingServiceTest, ARunThatItsEngineCannotStartNowSaysWhatIsMissing) {
    const auto run = plane.execute("job");
    plane.holds.hold(Oversize{{.memory = 101}, {Scarce::memory}}, "none is free", 0us);
    EXPECT_EQ(reason(run), "its turn: it is next");
    plane.holds.hold(Oversize{{.memory = 60}, {Scarce::memory}}, "none is free", 0us);
    EXPECT_EQ(reason(run), "room on cluster default, which has none for 60 MiB of memory now: none is free");
    plane.holds.hold(run.id, "it is odd", 0us);
    EXPECT_EQ(reason(run), "the engine of cluster default, which cannot start this run now: it is odd");
    const auto another = plane.execute("another");
    EXPECT_EQ(reason(another).find("it is odd"), std::string::npos);
    plane.holds.hold(revision_of(another), "all of it are odd", 0us);
    EXPECT_EQ(reason(another),
              "the engine of cluster default, which cannot start this run now: all of it are odd");
}

TEST_F(WaitingServiceTest, APendingRunWaitsForWhatItsEngineSays) {
    const auto run = plane.execute("job");
    advance(run, Submitting{});
    advance(run, Submitted{"handle"});
    EXPECT_EQ(reason(run), "its container to start");
    plane.engine.known.insert({{run.id, 1}, NotStarted{"the pull of image debian:12"}});
    EXPECT_EQ(reason(run), "the pull of image debian:12");
}

TEST_F(WaitingServiceTest, WhatAnotherServerHasOrWouldStartIsSaid) {
    WaitingService idle({plane.queue, plane.queue}, plane.clusters, {"here", false});
    const auto run = plane.execute("job");
    EXPECT_EQ(idle.reason(plane.stored(run)),
              "a server that starts runs, which this one does not (enabled_workers); its turn: it is next");
    plane.engine.known.insert({{run.id, 1}, NotStarted{"the pull of image debian:12"}});
    advance(run, Submitting{"there"});
    EXPECT_EQ(idle.reason(plane.stored(run)), "its container to start, on another host");
    WaitingService other({plane.queue, plane.queue}, plane.clusters, {"there"});
    EXPECT_EQ(other.reason(plane.stored(run)), "the pull of image debian:12");
}

TEST_F(WaitingServiceTest, ARunThatFailedForThePlatformsReasonsWaitsForItsBackOff) {
    const auto run = plane.execute("job");
    advance(run, Submitting{});
    const RetryTerms retry{RetryRules{}, test::noon, 0.0};
    advance(run, Ended{test::noon, {}, ExitClass::image_unavailable, "the registry was busy", retry});
    EXPECT_EQ(reason(run), "its back-off: attempt 2 may begin at 2018-11-01T12:00:01Z");
}

TEST_F(WaitingServiceTest, ARunThatRunsOrHasStoppedWaitsForNothing) {
    const auto run = plane.execute("job");
    advance(run, Submitting{});
    advance(run, Started{test::noon, {}});
    EXPECT_EQ(reason(run), "");
    advance(run, Ended{test::noon, 0, ExitClass::completed, "", {}});
    EXPECT_EQ(reason(run), "");
}

TEST_F(WaitingServiceTest, AClusterThatIsNotConfiguredIsSaid) {
    auto run = plane.stored(plane.execute("job"));
    run.cluster = "gone";
    EXPECT_EQ(plane.waiting_service.reason(run), "cluster gone, which is no longer configured");
}

}  // namespace
}  // namespace flotilla
