#include "worker/submit_worker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/control_plane.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// An engine that starts some runs and not others.
struct HeldRunsTest : testing::Test {
    HeldRunsTest() {
        plane.engine.outcome_of = [this](const Task& task) -> std::optional<SubmitOutcome> {
            asked.push_back(task.name.run.value);
            if (odd.contains(task.name.run.value)) {
                return NotYet{"it is odd"};
            }
            if (odd_commands.contains(task.command)) {
                return NotYet{"all of them are odd", NotYet::Concerns::revision};
            }
            if (task.memory > free_memory) {
                return NoRoom{{Scarce::memory}, "no instance has room"};
            }
            return std::nullopt;
        };
    }
    /// A run of the definition of that memory and command.
    std::string execute(const std::string& owner, std::int64_t memory = 10,
                        const std::string& command = "true") {
        const std::string alias = owner + std::to_string(memory) + command;
        auto fields = plane.fields(alias);
        fields.memory = memory;
        fields.command = command;
        const auto known = plane.definitions.find_by_alias(alias);
        plane.clock.time += 1us;
        return plane.run_service
            .execute(known ? *known : plane.definition_service.create(fields, {}),
                     {.cluster = {}, .env = {}, .owner = owner})
            .id.value;
    }
    /// As the worker's thread does: what there is to do now.
    void work() {
        while (submit.step({})) {
        }
    }
    void work_for(std::chrono::microseconds time) {
        const auto end = plane.clock.time.load() + time;
        for (work(); plane.clock.time.load() < end; work()) {
            plane.clock.time += std::max(submit.rest(), std::chrono::microseconds{1ms});
        }
    }
    AttemptPhase phase(const std::string& run) { return plane.runs.find({run})->attempt.phase; }
    std::size_t times_asked(const std::string& run) {
        return static_cast<std::size_t>(std::count(asked.begin(), asked.end(), run));
    }

    test::ControlPlane plane;
    SubmitWorker submit = plane.submit_worker();
    std::set<std::string> odd;
    std::set<std::string> odd_commands;
    std::int64_t free_memory = 1000;
    std::vector<std::string> asked;
};

TEST_F(HeldRunsTest, ARunThatCannotBeStartedForACauseOfItsOwnIsPassedByAllOthers) {
    const auto run = execute("ann");
    odd = {run};
    const auto own = execute("ann");
    const auto others = execute("bob");
    work();
    EXPECT_EQ(phase(run), AttemptPhase::waiting);
    EXPECT_EQ(phase(own), AttemptPhase::pending);
    EXPECT_EQ(phase(others), AttemptPhase::pending);
    EXPECT_THAT(plane.waiting_service.reason(*plane.runs.find({run})), HasSubstr("it is odd"));
    EXPECT_EQ(plane.pause.reason(), std::nullopt);
    EXPECT_FALSE(plane.runs.find({run})->attempt.submitted_at);
}

TEST_F(HeldRunsTest, ItIsTriedAgainSlowerEachTimeAndStartsOnce) {
    const auto run = execute("ann");
    odd = {run};
    work_for(60s);
    EXPECT_GE(times_asked(run), 7U);
    EXPECT_LE(times_asked(run), 10U);
    odd.clear();
    work_for(31s);
    EXPECT_EQ(phase(run), AttemptPhase::pending);
    EXPECT_EQ(plane.engine.known.size(), 1U);
    EXPECT_EQ(plane.runs.find({run})->attempt.number, 1);
    EXPECT_EQ(plane.waiting_service.reason(*plane.runs.find({run})), "its container to start");
}

TEST_F(HeldRunsTest, ManyThatCannotBeStartedHoldUpNoneBehindThem) {
    for (int i = 0; i < 40; ++i) {
        odd.insert(execute("ann"));
    }
    const auto behind = execute("ann");
    work();
    EXPECT_EQ(phase(behind), AttemptPhase::pending);
    EXPECT_EQ(asked.size(), 41U);
}

TEST_F(HeldRunsTest, OfManyOfOneDefinitionThatCannotBeStartedOneIsTriedForAll) {
    plane.engine.at_once = 16;
    odd_commands = {"odd"};
    std::vector<std::string> runs;
    for (int i = 0; i < 40; ++i) {
        runs.push_back(execute("ann", 10, "odd"));
    }
    const auto behind = execute("ann");
    work();
    EXPECT_EQ(phase(behind), AttemptPhase::pending);
    EXPECT_EQ(asked.size(), 16U + 1U) << "those that were offered at once";
    for (const auto& run : runs) {
        EXPECT_THAT(plane.waiting_service.reason(*plane.runs.find({run})), HasSubstr("all of them are odd"));
    }
    const auto before = asked.size();
    work_for(60s);
    EXPECT_GE(asked.size() - before, 7U);
    EXPECT_LE(asked.size() - before, 9U);
    odd_commands.clear();
    work_for(31s);
    for (const auto& run : runs) {
        EXPECT_EQ(phase(run), AttemptPhase::pending);
    }
    EXPECT_EQ(plane.holds.loss(), std::nullopt);
}

TEST_F(HeldRunsTest, ACauseThatTurnsOutToBeARunsOwnHoldsUpNoOtherOfItsDefinition) {
    odd_commands = {"odd"};
    const auto run = execute("ann", 10, "odd");
    work();
    EXPECT_NE(plane.holds.loss(), std::nullopt);
    odd_commands.clear();
    odd = {run};
    work_for(1s);
    EXPECT_EQ(plane.holds.loss(), std::nullopt);
    EXPECT_EQ(phase(run), AttemptPhase::waiting);
    const auto other = execute("ann", 10, "odd");
    work();
    EXPECT_EQ(phase(other), AttemptPhase::pending);
}

TEST_F(HeldRunsTest, SmallerRunsPassOneForWhichTheEngineHasNoRoom) {
    free_memory = 100;
    const auto large = execute("ann", 500);
    const auto same = execute("bob", 500);
    const auto small = execute("ann", 50);
    work();
    EXPECT_EQ(phase(large), AttemptPhase::waiting);
    EXPECT_EQ(phase(small), AttemptPhase::pending);
    EXPECT_THAT(asked, ElementsAre(large, same, small)) << "two that were asked for at once";
    EXPECT_THAT(plane.waiting_service.reason(*plane.runs.find({same})),
                HasSubstr("none for 500 MiB of memory now: no instance has room"));
}

TEST_F(HeldRunsTest, OfAFullClusterOneIsAskedForAtATimeAndSeldom) {
    free_memory = 0;
    for (int i = 0; i < 50; ++i) {
        execute("ann");
    }
    work_for(60s);
    EXPECT_LE(asked.size(), 16U + 10U);
    const auto before = asked.size();
    free_memory = 1000;
    work_for(35s);
    EXPECT_EQ(asked.size() - before, 50U) << "each once";
}

TEST_F(HeldRunsTest, ALargeRunThatIsTriedAgainAndAgainCostsSmallOnesNothing) {
    free_memory = 100;
    const auto large = execute("ann", 500);
    for (int i = 0; i < 50; ++i) {
        execute("bob");
        work_for(1s);
    }
    const auto passed = plane.clock.time.load() - test::noon;
    EXPECT_LE(times_asked(large), 9U + static_cast<std::size_t>(passed / 30s));
    EXPECT_EQ(asked.size() - times_asked(large), 50U);
}

TEST_F(HeldRunsTest, RoomIsKeptForOneThatWasPassedForLong) {
    free_memory = 100;
    const auto large = execute("ann", 500);
    work();
    EXPECT_EQ(phase(execute("bob", 50)), AttemptPhase::waiting);
    work_for(601s);
    std::vector<std::string> late;
    for (const char* owner : {"ann", "bob", "cid"}) {
        late.push_back(execute(owner, 50));
    }
    work_for(120s);
    EXPECT_GE(std::count_if(late.begin(), late.end(),
                            [&](const auto& run) { return phase(run) == AttemptPhase::waiting; }),
              2);
    free_memory = 1000;
    work_for(31s);
    EXPECT_EQ(phase(large), AttemptPhase::pending);
    for (const auto& run : late) {
        EXPECT_EQ(phase(run), AttemptPhase::pending);
    }
}

TEST_F(HeldRunsTest, AnEngineThatTakesNothingIsAskedForNothingThoughSomeRunsAreHeld) {
    const auto run = execute("ann");
    odd = {run};
    plane.engine.outcome = TryLater{"it is busy"};
    execute("bob");
    work_for(60s);
    EXPECT_LE(asked.size(), 20U);
    EXPECT_NE(plane.pause.reason(), std::nullopt);
}

TEST_F(HeldRunsTest, AnEngineThatTakesNothingIsPausedNoLongerThanUntilItSaysSomethingElse) {
    plane.engine.outcome = TryLater{"it is busy"};
    const auto run = execute("ann");
    work();
    EXPECT_THAT(plane.waiting_service.reason(*plane.runs.find({run})), HasSubstr("it is busy"));
    odd = {run};
    work_for(1s);
    EXPECT_THAT(plane.waiting_service.reason(*plane.runs.find({run})), HasSubstr("it is odd"));
}

TEST_F(HeldRunsTest, TheAnswersForRunsThatWereOfferedAtOnceAreOneTrouble) {
    plane.engine.at_once = 16;
    plane.engine.outcome = TryLater{"it is busy"};
    for (int i = 0; i < 16; ++i) {
        execute("ann");
    }
    work();
    EXPECT_EQ(asked.size(), 16U);
    EXPECT_EQ(submit.rest(), 200ms);
    plane.clock.time += 200ms;
    work();
    EXPECT_EQ(submit.rest(), 400ms);
}

}  // namespace
}  // namespace flotilla
