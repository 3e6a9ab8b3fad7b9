#include "service/probe.hpp"

#include <atomic>
#include <stdexcept>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::optional<std::string> ask(Probe& probe, milliseconds patience = seconds{10}) {
    probe.begin();
    return probe.answer(steady_clock::now() + patience);
}

TEST(ProbeTest, SaysWhatTheCheckSays) {
    std::optional<std::string> trouble;
    Probe probe([&] { return trouble; }, {.patience = seconds{10}, .fresh = milliseconds{0}});
    EXPECT_EQ(ask(probe), std::nullopt);
    trouble = "no room";
    EXPECT_EQ(ask(probe), "no room");
}

TEST(ProbeTest, AnExceptionIsTrouble) {
    Probe probe([]() -> std::optional<std::string> { throw std::runtime_error("it broke"); }, {});
    EXPECT_EQ(ask(probe), "it broke");
}

TEST(ProbeTest, ACheckThatHangsIsWaitedForByAllAndAskedOnce) {
    std::promise<void> release;
    std::atomic<int> asked = 0;
    Probe probe(
        [&, released = release.get_future().share()]() -> std::optional<std::string> {
            ++asked;
            released.wait();
            return std::nullopt;
        },
        {.patience = seconds{10}, .fresh = milliseconds{0}});
    EXPECT_EQ(ask(probe, milliseconds{1}), "does not answer");
    EXPECT_EQ(ask(probe, milliseconds{1}), "does not answer");
    release.set_value();
    EXPECT_EQ(probe.answer(steady_clock::now() + seconds{10}), std::nullopt);
    EXPECT_EQ(asked, 1);
}

TEST(ProbeTest, AFreshAnswerIsGoodForAllWhoAsk) {
    int asked = 0;
    Probe probe(
        [&]() -> std::optional<std::string> {
            ++asked;
            return std::nullopt;
        },
        {.patience = seconds{10}, .fresh = std::chrono::hours{1}});
    EXPECT_EQ(ask(probe), std::nullopt);
    EXPECT_EQ(ask(probe), std::nullopt);
    EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace flotilla
