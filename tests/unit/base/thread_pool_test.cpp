#include "base/thread_pool.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <future>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(ThreadPoolTest, EveryTaskRunsOnce) {
    constexpr int count = 10'000;
    std::atomic<int> sum = 0;
    std::latch done(count);
    ThreadPool pool(8);
    for (int i = 1; i <= count; ++i) {
        pool.post([&, i] {
            sum += i;
            done.count_down();
        });
    }
    done.wait();
    EXPECT_EQ(sum, count * (count + 1) / 2);
}

TEST(ThreadPoolTest, NoMoreRunAtOnceThanMay) {
    constexpr int count = 1'000;
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    std::latch done(count);
    ThreadPool pool(8, 1);
    for (int i = 0; i < count; ++i) {
        pool.post([&] {
            most = std::max(most.load(), ++running);
            --running;
            done.count_down();
        });
    }
    done.wait();
    // One that the machine does not let run for long counts as one that waits.
    EXPECT_LT(most, 8);
}

TEST(ThreadPoolTest, HeavyTasksLeaveRoomForLightOnes) {
    std::promise<void> opened;
    std::shared_future<void> open = opened.get_future().share();
    std::atomic<int> heavy = 0;
    std::latch light(10);
    std::latch done(20);
    ThreadPool pool(8, 2);
    for (int i = 0; i < 20; ++i) {
        pool.post(
            [&] {
                ++heavy;
                open.wait();
                done.count_down();
            },
            ThreadPool::Weight::heavy);
    }
    for (int i = 0; i < 10; ++i) {
        pool.post([&] { light.count_down(); });
    }
    light.wait();  // though no heavy one has ended
    EXPECT_LE(heavy, 2);
    opened.set_value();
    done.wait();
}

TEST(ThreadPoolTest, AHeavyTaskThatWaitsForSomebodyElseMakesRoomForAnother) {
    std::barrier together(8);
    std::latch done(8);
    ThreadPool pool(8, 2);
    for (int i = 0; i < 8; ++i) {
        pool.post(
            [&] {
                {
                    const BlockingSection waiting(WaitsFor::somebody_else);
                    together.arrive_and_wait();
                }
                done.count_down();
            },
            ThreadPool::Weight::heavy);
    }
    done.wait();
}

TEST(ThreadPoolTest, ATaskThatSaysThatItWaitsMakesRoom) {
    std::barrier together(8);
    std::latch done(8);
    ThreadPool pool(8, 1);
    for (int i = 0; i < 8; ++i) {
        pool.post([&] {
            {
                const BlockingSection waiting;
                together.arrive_and_wait();
            }
            done.count_down();
        });
    }
    done.wait();
}

TEST(ThreadPoolTest, ATaskThatWaitsWithoutAWordMakesRoomToo) {
    std::barrier together(8);
    std::latch done(8);
    ThreadPool pool(8, 2);
    for (int i = 0; i < 8; ++i) {
        pool.post([&] {
            together.arrive_and_wait();
            done.count_down();
        });
    }
    done.wait();
}

TEST(ThreadPoolTest, TasksThatWaitForEachOtherNeedNoMoreThreadsThanThereAre) {
    std::promise<void> opened;
    std::shared_future<void> open = opened.get_future().share();
    std::latch done(3);
    ThreadPool pool(2, 1);
    pool.post([&] {
        const BlockingSection waiting;
        open.wait();
        done.count_down();
    });
    pool.post([&] {
        opened.set_value();
        done.count_down();
    });
    pool.post([&] { done.count_down(); });
    done.wait();
}

TEST(ThreadPoolTest, ATaskThatWaitsMakesRoomUntilTheLastOfItsReasonsIsOver) {
    auto shortest = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 50; ++i) {
        std::latch is_inner_over(1);
        std::promise<void> begun;
        std::latch done(1);
        ThreadPool pool(4, 1);
        pool.post([&] {
            const BlockingSection outer;
            { const BlockingSection inner(WaitsFor::somebody_else); }
            is_inner_over.count_down();
            begun.get_future().wait();
            done.count_down();
        });
        is_inner_over.wait();
        const auto begin = std::chrono::steady_clock::now();
        pool.post([&] {
            shortest = std::min(shortest, std::chrono::steady_clock::now() - begin);
            begun.set_value();
        });
        done.wait();
    }
    EXPECT_LT(shortest, std::chrono::milliseconds(5)) << "nobody had to find out that it waits";
}

TEST(ThreadPoolTest, AHeavyTaskBeginsAfterTheLastOneThoughLightOnesTakeLong) {
    std::latch is_waiting(1);
    std::latch light_has_begun(1);
    std::promise<void> first_goes_on;
    std::promise<void> light_goes_on;
    std::promise<void> second_has_begun;
    ThreadPool pool(4, 1);
    pool.post(
        [&] {
            const BlockingSection waiting;
            is_waiting.count_down();
            first_goes_on.get_future().wait();
        },
        ThreadPool::Weight::heavy);
    is_waiting.wait();
    pool.post([&] {
        light_has_begun.count_down();
        light_goes_on.get_future().wait();
    });
    light_has_begun.wait();
    pool.post([&] { second_has_begun.set_value(); }, ThreadPool::Weight::heavy);
    first_goes_on.set_value();
    EXPECT_EQ(second_has_begun.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
    light_goes_on.set_value();
}

TEST(ThreadPoolTest, StoppingWaitsForWhatRunsAndThenNothingMoreBegins) {
    std::latch begun(1);
    std::atomic<bool> has_ended = false;
    ThreadPool pool(2, 1);
    pool.post([&] {
        begun.count_down();
        for (int i = 0; i < 1'000; ++i) {
            std::this_thread::yield();
        }
        has_ended = true;
    });
    begun.wait();
    pool.stop();
    EXPECT_TRUE(has_ended);
    pool.post([] { FAIL() << "it was stopped"; });
    pool.stop();
}

TEST(ThreadPoolTest, AThreadOfNoPoolMaySayThatItWaits) {
    const BlockingSection waiting;
}

}  // namespace
}  // namespace flotilla
