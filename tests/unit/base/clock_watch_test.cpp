#include "base/clock_watch.hpp"

#include <gtest/gtest.h>

#include "support/fakes.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;

TEST(ClockWatch, TimeThatPassesIsNoStep) {
    test::FakeClock clock;
    ClockWatch watch(clock);
    clock.time += 1h;
    EXPECT_EQ(watch.step(), 0us);
}

TEST(ClockWatch, AStepIsToldUntilItIsFollowed) {
    test::FakeClock clock;
    ClockWatch watch(clock);
    clock.set(1h);
    clock.time += 1min;
    EXPECT_EQ(watch.step(), 1h);
    EXPECT_EQ(watch.step(), 1h);
    watch.follow(1h);
    EXPECT_EQ(watch.step(), 0us);
    clock.set(-30min);
    EXPECT_EQ(watch.step(), -30min);
}

TEST(ClockWatch, SmallStepsCountTogether) {
    test::FakeClock clock;
    ClockWatch watch(clock);
    clock.set(600ms);
    EXPECT_EQ(watch.step(), 0us);
    clock.set(600ms);
    EXPECT_EQ(watch.step(), 1200ms);
}

TEST(ClockWatch, APauseBetweenItsReadingsIsNoStep) {
    struct Paused final : Clock {
        TimePoint now() override { return test::noon + elapsed(); }
        std::chrono::microseconds elapsed() override { return ++readings == 2 ? time += 10s : time; }
        std::chrono::microseconds time{0};
        int readings = 0;
    } clock;
    ClockWatch watch(clock);
    EXPECT_EQ(watch.step(), 0us);
}

}  // namespace
}  // namespace flotilla
