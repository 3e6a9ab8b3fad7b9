#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "core/run_status.hpp"

namespace flotilla {

/// How often and how fast the platform repeats attempts that failed for its own reasons.
struct RetryRules {
    int max_attempts = 5;
    std::chrono::milliseconds first_backoff{1'000};
    std::chrono::milliseconds longest_backoff{300'000};
};

/// When the attempt after number `attempt` may begin: exponential back-off with jitter (`chance`, at least 0
/// and less than 1, takes away up to half of it). Nothing if the attempts are used up.
[[nodiscard]] std::optional<TimePoint> next_attempt_at(const RetryRules& rules, int attempt, TimePoint now,
                                                       double chance);

/// What another attempt depends on besides the run.
struct RetryTerms {
    RetryRules rules{.max_attempts = 1};
    TimePoint now{};
    double chance = 0.0;  ///< the jitter: at least 0 and less than 1
};

/// A failure that a definition wants to be tried again: a class of ends, or an exit code.
using RetryCause = std::variant<ExitClass, int>;

/// How a definition wants its own failures to be tried again, which nothing else repeats.
struct RetryPolicy {
    int max_attempts = 1;               ///< that end by such failures, the first included
    std::vector<RetryCause> on{};       ///< empty: every failure of the job itself
    std::int64_t backoff_seconds = 10;  ///< before the second attempt; doubled each time

    bool operator==(const RetryPolicy&) const = default;
};

/// Whether a definition may want ends of this class to be tried again.
[[nodiscard]] bool may_be_retried(ExitClass exit_class);

/// Whether the policy wants an attempt that ended so to be tried again.
[[nodiscard]] bool covers(const RetryPolicy& policy, ExitClass exit_class, std::optional<int> exit_code);

/// The policy's bounds and back-offs as rules.
[[nodiscard]] RetryRules rules_of(const RetryPolicy& policy);

}  // namespace flotilla
