#pragma once

#include <optional>

#include "base/clock.hpp"

namespace flotilla {

/// How often and how fast failed attempts are repeated.
struct RetryRules {
    int max_attempts = 5;
    std::chrono::milliseconds first_backoff{1'000};
    std::chrono::milliseconds longest_backoff{300'000};
};

/// When the attempt after number `attempt` may begin: exponential back-off with jitter (`chance`, at least 0
/// and less than 1, takes away up to half of it). Nothing if the attempts are used up.
[[nodiscard]] std::optional<TimePoint> next_attempt_at(const RetryRules& rules, int attempt, TimePoint now,
                                                       double chance);

}  // namespace flotilla
