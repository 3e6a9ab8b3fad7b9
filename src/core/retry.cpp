#include "core/retry.hpp"

#include <algorithm>
#include <cmath>

namespace flotilla {

std::optional<TimePoint> next_attempt_at(const RetryRules& rules, int attempt, TimePoint now, double chance) {
    if (attempt >= rules.max_attempts) {
        return std::nullopt;
    }
    const double whole = std::min(static_cast<double>(rules.first_backoff.count()) * std::exp2(attempt - 1),
                                  static_cast<double>(rules.longest_backoff.count()));
    return now + std::chrono::milliseconds{std::llround(whole * (1.0 - chance / 2))};
}

bool may_be_retried(ExitClass exit_class) {
    switch (exit_class) {
        case ExitClass::job_failed:
        case ExitClass::out_of_memory:
        case ExitClass::timed_out:
        case ExitClass::image_not_found:
        case ExitClass::image_unavailable:
        case ExitClass::start_failed:
        case ExitClass::host_lost:
        case ExitClass::engine_error:
            return true;
        case ExitClass::completed:
        case ExitClass::stopped_by_user:
        case ExitClass::queue_timed_out:
        case ExitClass::rejected:
            return false;
    }
    return false;
}

bool covers(const RetryPolicy& policy, ExitClass exit_class, std::optional<int> exit_code) {
    if (!may_be_retried(exit_class)) {
        return false;
    }
    if (policy.on.empty()) {
        return exit_class == ExitClass::job_failed || exit_class == ExitClass::out_of_memory ||
               exit_class == ExitClass::timed_out;
    }
    return std::any_of(policy.on.begin(), policy.on.end(), [&](const RetryCause& cause) {
        const auto* code = std::get_if<int>(&cause);
        return code != nullptr ? exit_code == *code : std::get<ExitClass>(cause) == exit_class;
    });
}

RetryRules rules_of(const RetryPolicy& policy) {
    constexpr std::chrono::milliseconds longest = std::chrono::hours{1};
    const std::chrono::milliseconds first = std::chrono::seconds{policy.backoff_seconds};
    return {.max_attempts = policy.max_attempts,
            .first_backoff = first,
            .longest_backoff = std::max(first, longest)};
}

}  // namespace flotilla
