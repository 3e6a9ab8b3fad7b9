#include "simulation/simulation.hpp"

#include <gtest/gtest.h>

namespace flotilla::simulation {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t histories = 200;  // of a build that is slow
#else
constexpr std::uint64_t histories = 5'000;
#endif

MemoryDatabase& database() {
    static MemoryDatabase database;
    return database;
}

TEST(Simulation, EveryPromiseIsKeptInEveryHistory) {
    for (std::uint64_t seed = 1; seed <= histories; ++seed) {
        const Plan plan = make_plan(seed);
        ASSERT_FALSE(simulate(plan, database()).breach) << failure_story(plan, database());
    }
}

TEST(Simulation, ASeedTellsTheSameStoryEachTime) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Outcome first = simulate(make_plan(seed), database(), Telling::story);
        MemoryDatabase another;
        const Outcome second = simulate(make_plan(seed), another, Telling::story);
        EXPECT_EQ(first.story, second.story);
        EXPECT_EQ(first.events, second.events);
        EXPECT_EQ(first.events, simulate(make_plan(seed), database()).events);
    }
}

TEST(Simulation, WhatCanHappenHappens) {
    std::string stories;
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        stories += simulate(make_plan(seed), database(), Telling::story).story;
    }
    for (const auto* const what : {"fails and does nothing",
                                   "its answer is lost",
                                   "kill -9 before",
                                   "kill -9 right after",
                                   "! kill -9",
                                   "SIGTERM",
                                   "rolled back and done again",
                                   "every write to the store",
                                   "this news is lost",
                                   "this news comes a second time",
                                   "this news comes after",
                                   "takes nothing now",
                                   "has no room for",
                                   "cannot start",
                                   "refuses",
                                   "vanishes",
                                   "out of memory",
                                   "its host is lost",
                                   "it could not be started",
                                   "stopped before it started",
                                   "killed after its grace period",
                                   "after SIGTERM",
                                   "reports NEEDS_RETRY",
                                   "reports STOPPED",
                                   "attempt 3 waiting",
                                   "will stop",
                                   "is gone with its definition",
                                   "is answered: nothing",
                                   "with a key",
                                   "queue_timed_out",
                                   ", timed_out"}) {
        EXPECT_NE(stories.find(what), std::string::npos) << what;
    }
}

TEST(Simulation, ABrokenPromiseIsToldByTheLeastThatBreaksIt) {
    Plan plan = make_plan(1);
    plan.settings.clusters.at(0).max_running = 0;  // nothing ever starts there
    const auto breach = simulate(plan, database()).breach;
    ASSERT_TRUE(breach);
    EXPECT_EQ(breach->promise, "every run reaches STOPPED, and nothing is left of it");
    const Plan smallest = shrink(plan, database());
    EXPECT_EQ(smallest.calls.size(), 1);
    EXPECT_TRUE(smallest.hazards.empty());
    const std::string story = failure_story(plan, database());
    EXPECT_NE(story.find("BROKEN: every run reaches STOPPED"), std::string::npos) << story;
    EXPECT_NE(story.find("flotilla_simulation --seed 1"), std::string::npos) << story;
}

TEST(Timeline, ActorsTakeTurnsAndTimePassesOnlyWhileAllWait) {
    Timeline timeline;
    std::string order;
    timeline.start({Role::client, "a"}, [&] {
        order += "a1 ";
        timeline.sleep(2s);
        order += "a2 ";
    });
    timeline.start({Role::client, "b"}, [&] {
        order += "b1 ";
        timeline.sleep(1s);
        order += "b2 ";
    });
    while (timeline.step(beginning + 1h)) {
    }
    EXPECT_EQ(order, "a1 b1 b2 a2 ");
    EXPECT_EQ(timeline.now(), beginning + 2s);
    EXPECT_FALSE(timeline.has_actors());
}

TEST(Timeline, ABellWakesWhoWaitsForIt) {
    Timeline timeline;
    Bell bell;
    TimePoint woken;
    timeline.start({Role::client, "a"}, [&] {
        timeline.wait(bell, 1h);
        woken = timeline.now();
        timeline.wait(bell, 1min);
    });
    timeline.at(beginning + 5s, [&] { bell.ring(); });
    while (timeline.step(beginning + 2h)) {
    }
    EXPECT_EQ(woken, beginning + 5s);
    EXPECT_FALSE(bell.is_waited_for());
}

TEST(Fiber, ExceptionsOfTwoDoNotMix) {
    std::string caught;
    const auto throwing = [&caught](Fiber*& self, const char* what) {
        return [&caught, &self, what] {
            try {
                throw std::runtime_error(what);
            } catch (const std::exception&) {
                self->pause();  // while it handles its exception
                try {
                    throw;
                } catch (const std::exception& again) {
                    caught += again.what();
                }
            }
        };
    };
    Fiber* first_self = nullptr;
    Fiber* second_self = nullptr;
    Fiber first(throwing(first_self, "first "));
    Fiber second(throwing(second_self, "second "));
    first_self = &first;
    second_self = &second;
    first.resume();
    second.resume();
    first.resume();
    second.resume();
    EXPECT_EQ(caught, "first second ");
    EXPECT_TRUE(first.has_ended() && second.has_ended());
}

}  // namespace
}  // namespace flotilla::simulation
