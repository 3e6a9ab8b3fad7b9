#include "core/retry.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint now{std::chrono::hours{400'000}};
constexpr RetryRules rules{.max_attempts = 5, .first_backoff = 1s, .longest_backoff = 3s};

TEST(Retry, EachBackOffIsTwiceTheOneBeforeUpToABound) {
    EXPECT_EQ(next_attempt_at(rules, 1, now, 0.0), now + 1s);
    EXPECT_EQ(next_attempt_at(rules, 2, now, 0.0), now + 2s);
    EXPECT_EQ(next_attempt_at(rules, 3, now, 0.0), now + 3s);
    EXPECT_EQ(next_attempt_at(rules, 4, now, 0.0), now + 3s);
}

TEST(Retry, ChanceTakesAwayUpToHalf) {
    EXPECT_EQ(next_attempt_at(rules, 2, now, 0.5), now + 1500ms);
}

TEST(Retry, TheLastAttemptIsTheLast) {
    EXPECT_EQ(next_attempt_at(rules, 5, now, 0.0), std::nullopt);
}

}  // namespace
}  // namespace flotilla
