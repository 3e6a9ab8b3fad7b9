#include "cluster/engine_holds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct EngineHoldsTest : testing::Test {
    static Oversize memory(std::int64_t amount) { return {{.memory = amount}, {Scarce::memory}}; }
    /// One of 500 MiB.
    static flotilla::Run run(const std::string& id, const Revision& revision) {
        flotilla::Run made;
        made.id = {id};
        made.definition_id = revision.definition;
        made.definition_arn = revision.arn;
        made.cluster = std::string("c");
        made.spec.memory = 500;
        return made;
    }
    EngineHolds holds;
    const Revision revision{{"d"}, "arn:d:1"};
};

TEST_F(EngineHoldsTest, ARunIsHeldForLongerEachTimeUntilItsEngineHasIt) {
    EXPECT_EQ(holds.hold(RunId{"r"}, "why", 0ms), 200ms);
    EXPECT_THAT(holds.held(199ms).runs, ElementsAre(RunId{"r"}));
    EXPECT_THAT(holds.held(200ms).runs, IsEmpty());
    EXPECT_EQ(holds.hold(RunId{"r"}, "why", 200ms), 400ms);
    for (int i = 0; i < 20; ++i) {
        holds.hold(RunId{"r"}, "why", 1s);
    }
    EXPECT_EQ(holds.hold(RunId{"r"}, "why", 1s), 30s);
    holds.release(RunId{"r"});
    EXPECT_THAT(holds.held(2s).runs, IsEmpty());
    EXPECT_EQ(holds.hold(RunId{"r"}, "why", 2s), 200ms);
}

TEST_F(EngineHoldsTest, OfASizeThatIsHeldNothingNewIsKnown) {
    EXPECT_EQ(holds.hold(memory(100), "full", 0ms), 200ms);
    EXPECT_EQ(holds.hold(memory(100), "full", 1ms), 200ms) << "it was asked for at the same time";
    EXPECT_EQ(holds.hold(memory(500), "full", 1ms), 200ms);
    EXPECT_THAT(holds.held(2ms).sizes, SizeIs(1));
    EXPECT_EQ(holds.hold(memory(100), "full", 200ms), 400ms);
}

TEST_F(EngineHoldsTest, ASmallerSizeIsHeldForAWhileOfItsOwn) {
    for (int i = 0; i < 9; ++i) {
        holds.hold(memory(500), "full", i * 40s);
    }
    const auto now = 321s;
    EXPECT_EQ(holds.hold(memory(100), "full", now), 200ms);
    EXPECT_THAT(holds.held(now + 1s).sizes, SizeIs(1)) << "only the large one";
    EXPECT_THAT(holds.held(now + 1s).doubtful_sizes, SizeIs(1));
}

TEST_F(EngineHoldsTest, ALargerOneIsHeldForLongerThanASmallerOneWas) {
    for (int i = 0; i < 9; ++i) {
        holds.hold(memory(100), "full", i * 40s);
    }
    EXPECT_EQ(holds.hold(memory(500), "full", 351s), 30s);
}

TEST_F(EngineHoldsTest, ASizeThatWasTakenEndsTheHoldsOfAllThatAreNoLarger) {
    holds.hold(memory(500), "full", 0ms);
    holds.hold(memory(100), "full", 1ms);
    holds.release(Needs{.memory = 200});
    const auto held = holds.held(2ms);
    ASSERT_THAT(held.sizes, SizeIs(1));
    EXPECT_EQ(held.sizes.front().needs.memory, 500);
}

TEST_F(EngineHoldsTest, WhenTheNextMayBeTriedIsTheEarliestOfAll) {
    EXPECT_EQ(holds.next_try(0ms), std::nullopt);
    holds.hold(memory(500), "full", 100ms);
    holds.hold(RunId{"r"}, "why", 50ms);
    EXPECT_EQ(holds.next_try(100ms), 250ms);
    EXPECT_EQ(holds.next_try(250ms), 300ms);
    EXPECT_EQ(holds.next_try(300ms), std::nullopt);
}

TEST_F(EngineHoldsTest, WhatNobodyTriesAgainIsForgotten) {
    holds.hold(memory(500), "full", 0ms);
    holds.hold(RunId{"r"}, "why", 0ms);
    holds.hold(revision, "why", 0ms);
    EXPECT_NE(holds.reason(run("r", {})), std::nullopt);
    EXPECT_THAT(holds.held(2min).doubtful_sizes, IsEmpty());
    EXPECT_THAT(holds.held(2min).doubtful_revisions, IsEmpty());
    EXPECT_EQ(holds.reason(run("r", revision)), std::nullopt);
    EXPECT_EQ(holds.loss(), std::nullopt);
}

TEST_F(EngineHoldsTest, ARevisionIsHeldForAllThatWasMadeOfItAndThenTriedAgain) {
    EXPECT_EQ(holds.hold(revision, "why", 0ms), 200ms);
    EXPECT_EQ(holds.hold(revision, "why", 1ms), 200ms) << "others were asked for at the same time";
    EXPECT_EQ(holds.next_try(1ms), 200ms);
    EXPECT_THAT(holds.held(199ms).revisions, ElementsAre(revision));
    EXPECT_THAT(holds.held(199ms).doubtful_revisions, IsEmpty());
    EXPECT_THAT(holds.held(200ms).revisions, IsEmpty());
    EXPECT_THAT(holds.held(200ms).doubtful_revisions, ElementsAre(revision));
    EXPECT_EQ(holds.hold(revision, "why", 200ms), 400ms);
    EXPECT_EQ(holds.reason(run("any", revision)),
              "the engine of cluster c, which cannot start this run now: why");
    EXPECT_EQ(holds.reason(run("any", {{"d"}, "arn:d:2"})), std::nullopt);
    holds.release(revision);
    EXPECT_THAT(holds.held(201ms).revisions, IsEmpty());
    EXPECT_EQ(holds.hold(revision, "why", 300ms), 200ms);
}

TEST_F(EngineHoldsTest, WhichDefinitionsAreHeldIsSaidInOneLine) {
    EXPECT_EQ(holds.loss(), std::nullopt);
    holds.hold(Revision{{"e"}, ""}, "it is odd", 0ms);
    EXPECT_EQ(holds.loss(), "the start of runs of the definition e: it is odd");
    holds.hold(revision, "why", 0ms);
    EXPECT_EQ(holds.loss(), "the start of runs of the definition d (arn:d:1) and of 1 others: why");
}

}  // namespace
}  // namespace flotilla
