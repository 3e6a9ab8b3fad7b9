#include "queue/turns.hpp"

#include <gtest/gtest.h>

#include "support/sample_runs.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using test::noon;

struct TurnsTest : testing::Test {
    Cluster cluster{.name = "c", .engine = "local", .memory = 1000, .cpu = {}, .gpu = 0, .max_running = {}};

    static WaitingRun waiting(const std::string& id, std::int64_t memory) {
        return {.id = {id}, .needs = {.memory = memory}, .passed_since = {}};
    }
    Turns choose(const std::vector<OwnerLine>& lines, std::size_t most = 100,
                 const HeldRuns& held = {}) const {
        std::size_t next = 0;
        const auto next_line = [&] {
            return next < lines.size() ? std::optional(lines[next++]) : std::nullopt;
        };
        return choose_turns(next_line, Room(cluster, held), most, noon, 600s);
    }
    static std::vector<std::string> taken(const Turns& turns) {
        std::vector<std::string> ids;
        for (const auto& one : turns.taken) {
            ids.push_back(one.run.value);
        }
        return ids;
    }
    using Ids = std::vector<std::string>;
};

TEST_F(TurnsTest, OneRunOfEachOwnerInTurn) {
    EXPECT_EQ(taken(choose({{waiting("a1", 1), waiting("a2", 1), waiting("a3", 1)}, {waiting("b1", 1)}})),
              (Ids{"a1", "b1", "a2", "a3"}));
}

TEST_F(TurnsTest, OwnersWhoseTurnDoesNotComeAreNotLookedAt) {
    int lines = 0;
    const auto next_line = [&] {
        ++lines;
        return std::optional(OwnerLine{waiting("run", 1), waiting("later", 1)});
    };
    EXPECT_EQ(choose_turns(next_line, Room(cluster), 3, noon, 600s).taken.size(), 3U);
    EXPECT_EQ(lines, 3);
}

TEST_F(TurnsTest, NoMoreThanAskedFor) {
    EXPECT_EQ(taken(choose({{waiting("a1", 1), waiting("a2", 1)}, {waiting("b1", 1)}}, 2)),
              (Ids{"a1", "b1"}));
}

TEST_F(TurnsTest, ASmallerRunPassesOneThatDoesNotFitAndThatIsNoted) {
    const auto turns = choose({{waiting("a1", 600), waiting("a2", 600), waiting("a3", 100)}});
    EXPECT_EQ(taken(turns), (Ids{"a1", "a3"}));
    EXPECT_EQ(turns.newly_passed, (std::vector<RunId>{{"a2"}}));
}

TEST_F(TurnsTest, ARunBehindWhichNothingWasPlacedWasNotPassed) {
    EXPECT_TRUE(choose({{waiting("a1", 600), waiting("a2", 600)}}).newly_passed.empty());
}

TEST_F(TurnsTest, RoomIsKeptForARunThatWasPassedLongEnough) {
    auto patient = waiting("a2", 600);
    patient.passed_since = noon - 600s;
    EXPECT_EQ(taken(choose({{waiting("a1", 600), patient, waiting("a3", 100)}, {waiting("b1", 100)}})),
              (Ids{"a1", "b1"}));
    patient.passed_since = noon - 599s;
    EXPECT_EQ(taken(choose({{waiting("a1", 600), patient, waiting("a3", 100)}})), (Ids{"a1", "a3"}));
}

TEST_F(TurnsTest, RoomIsKeptForARunThatWaitsForItsPortButOthersGoBesideIt) {
    cluster.shares_ports = true;
    auto holder = waiting("a1", 100);
    holder.needs.ports = {80};
    auto patient = waiting("a2", 100);
    patient.needs.ports = {80};
    patient.passed_since = noon - 600s;
    EXPECT_EQ(taken(choose({{holder, patient, waiting("a3", 700), waiting("a4", 200)}})), (Ids{"a1", "a3"}));
}

TEST_F(TurnsTest, ARunThatCanNeverFitKeepsNoRoom) {
    auto impossible = waiting("a1", 5000);
    impossible.passed_since = noon - 1h;
    EXPECT_EQ(taken(choose({{impossible, waiting("a2", 100)}})), (Ids{"a2"}));
}

TEST_F(TurnsTest, CpuIsRoomWhereItIsBounded) {
    cluster.cpu = 1000;
    auto first = waiting("a1", 1);
    first.needs.cpu = 800;
    auto second = waiting("a2", 1);
    second.needs.cpu = 300;
    EXPECT_EQ(taken(choose({{first, second, waiting("a3", 1)}})), (Ids{"a1", "a3"}));
}

TEST_F(TurnsTest, GpusAreRoomAndOthersGoBesideARunThatWaitsForThem) {
    cluster.gpu = 2;
    auto first = waiting("a1", 1);
    first.needs.gpu = 1;
    auto second = waiting("a2", 1);
    second.needs.gpu = 2;
    auto impossible = waiting("a3", 1);
    impossible.needs.gpu = 3;
    EXPECT_EQ(taken(choose({{first, second, impossible, waiting("a4", 1)}})), (Ids{"a1", "a4"}));
}

TEST_F(TurnsTest, TwoRunsOfOnePortDoNotRunAtOnceWhereTheyShareTheHosts) {
    auto first = waiting("a1", 1);
    first.needs.ports = {80, 81};
    auto second = waiting("a2", 1);
    second.needs.ports = {81};
    EXPECT_EQ(taken(choose({{first, second}})), (Ids{"a1", "a2"}));
    cluster.shares_ports = true;
    EXPECT_EQ(taken(choose({{first, second}})), Ids{"a1"});
}

TEST_F(TurnsTest, WhatTheEngineHasNoRoomForIsPassedBySmallerOnesForAsLongAsAnyOther) {
    const HeldRuns held{.sizes = {{{.memory = 300}, {Scarce::memory}}}, .doubtful_sizes = {}, .runs = {}};
    auto large = waiting("a1", 300);
    const auto turns = choose({{large, waiting("a2", 100), waiting("a3", 400)}}, 9, held);
    EXPECT_EQ(taken(turns), Ids{"a2"});
    EXPECT_EQ(turns.newly_passed, (std::vector<RunId>{{"a1"}}));
    large.passed_since = noon - 600s;
    EXPECT_EQ(taken(choose({{large, waiting("a2", 100)}, {waiting("b1", 1)}}, 9, held)), Ids{});
}

TEST_F(TurnsTest, ForARunThatLacksGpusOnlyThoseThatNeedSomeWait) {
    cluster.gpu = 8;
    auto large = waiting("a1", 100);
    large.needs.gpu = 4;
    large.passed_since = noon - 600s;
    auto small = waiting("a2", 100);
    small.needs.gpu = 1;
    const HeldRuns held{.sizes = {{large.needs, {Scarce::gpu}}}, .doubtful_sizes = {}, .runs = {}};
    EXPECT_EQ(taken(choose({{large, small, waiting("a3", 1)}}, 9, held)), Ids{"a3"});
}

TEST_F(TurnsTest, ForARunThatLacksCpuOnlyThoseThatNeedSomeWait) {
    auto large = waiting("a1", 100);
    large.needs.cpu = 4000;
    large.passed_since = noon - 600s;
    auto small = waiting("a2", 100);
    small.needs.cpu = 1;
    const HeldRuns held{.sizes = {{large.needs, {Scarce::cpu}}}, .doubtful_sizes = {}, .runs = {}};
    EXPECT_EQ(taken(choose({{large, small, waiting("a3", 1)}}, 9, held)), Ids{"a3"});
}

TEST_F(TurnsTest, ASizeThatIsTriedAgainIsTriedWithOneRun) {
    const HeldRuns held{.sizes = {}, .doubtful_sizes = {{{.memory = 200}, {Scarce::memory}}}, .runs = {}};
    EXPECT_EQ(taken(choose({{waiting("a1", 100), waiting("a2", 300), waiting("a3", 100)}}, 9, held)),
              (Ids{"a1", "a2"}));
}

TEST_F(TurnsTest, ARevisionThatIsTriedAgainIsTriedWithOneRunBesideOthers) {
    const Revision odd{{"odd"}, ""};
    const HeldRuns held{.sizes = {}, .doubtful_sizes = {}, .runs = {}, .doubtful_revisions = {odd}};
    const auto of_it = [&](const std::string& id) {
        auto run = waiting(id, 100);
        run.revision = odd;
        return run;
    };
    EXPECT_EQ(
        taken(choose({{of_it("a1"), of_it("a2"), waiting("a3", 100)}, {of_it("b1"), waiting("b2", 100)}}, 9,
                     held)),
        (Ids{"a1", "b2", "a3"}));
}

TEST_F(TurnsTest, WhatARunLacksIsSaid) {
    cluster.cpu = 2000;
    cluster.gpu = 4;
    cluster.max_running = 2;
    cluster.shares_ports = true;
    Room room(cluster);
    room.occupy({.memory = 600, .cpu = 1500, .gpu = 2, .ports = {80}});
    Needs run{.memory = 400};
    EXPECT_EQ(obstacle(room, run), "");
    run.memory = 401;
    EXPECT_EQ(obstacle(room, run), "memory: it needs 401 MiB, 400 of 1000 MiB are free on cluster c");
    run.memory = 1;
    run.cpu = 501;
    EXPECT_EQ(obstacle(room, run), "cpu: it needs 501/1000 of a core, 500 of 2000 are free on cluster c");
    run.cpu.reset();
    run.gpu = 3;
    EXPECT_EQ(obstacle(room, run), "gpu: it needs 3, 2 of 4 are free on cluster c");
    run.gpu.reset();
    run.ports = {80};
    EXPECT_EQ(obstacle(room, run), "port 80, which another run on cluster c has");
    room.occupy({.memory = 1});
    EXPECT_EQ(obstacle(room, run), "one of the 2 places of cluster c, which are all taken");
    cluster.memory = 0;
    EXPECT_EQ(obstacle(Room(cluster), run), "cluster c to have hosts");
}

}  // namespace
}  // namespace flotilla
