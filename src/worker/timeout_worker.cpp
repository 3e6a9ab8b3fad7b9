#include "worker/timeout_worker.hpp"

#include <algorithm>
#include <cmath>

#include "base/crash_point.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

constexpr std::int64_t most_stopped_at_once = 100;
/// A deadline may come into being at any time, so it is looked for as often as it is counted.
constexpr std::chrono::microseconds longest_rest = std::chrono::seconds{1};

}  // namespace

bool TimeoutWorker::step(const std::stop_token&) {
    if (!clock_.is_shared()) {  // one that is, is nobody's to set
        follow_clock();
    }
    const auto now = clock_.now();
    std::vector<RunNews> changes;
    for (const Run& run : runs_.overdue(now, most_stopped_at_once)) {
        changes.push_back({run.id, {run.attempt.number, Overdue{now}}});
    }
    if (changes.empty()) {
        return false;
    }
    crash_point("timeout.before_store");
    for (const Run& run : runs_.advance_all(changes)) {
        crash_point("timeout.stored");
        if (const ServedCluster* served = clusters_.find(run.cluster);
            served != nullptr && run.is_unwanted()) {
            served->stop_wake.notify();
        }
    }
    return changes.size() == most_stopped_at_once;
}

void TimeoutWorker::follow_clock() {
    if (const auto by = watch_.step(); by.count() != 0) {
        const auto count = runs_.clock_was_set(by);
        watch_.follow(by);
        log_warning("the clock was set {} by {:.3f} s, and with it the times of {} runs that have not ended",
                    by.count() > 0 ? "forward" : "back", std::abs(std::chrono::duration<double>(by).count()),
                    count);
    }
}

std::chrono::microseconds TimeoutWorker::rest() {
    const auto next = runs_.next_deadline();
    return next ? std::clamp(*next - clock_.now(), std::chrono::microseconds{0}, longest_rest) : longest_rest;
}

}  // namespace flotilla
