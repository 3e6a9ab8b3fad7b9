#include "base/thread_pool.hpp"

#include <atomic>
#include <barrier>
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
