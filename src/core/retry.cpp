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

}  // namespace flotilla
