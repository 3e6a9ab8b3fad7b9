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
    EngineHolds holds;
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
    EXPECT_THAT(holds.held(now + 1s).doubtful, SizeIs(1));
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
    EXPECT_NE(holds.reason({"r"}, {}, "c"), std::nullopt);
    EXPECT_THAT(holds.held(2min).doubtful, IsEmpty());
    EXPECT_EQ(holds.reason({"r"}, {.memory = 500}, "c"), std::nullopt);
}

}  // namespace
}  // namespace flotilla
