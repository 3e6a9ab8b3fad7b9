#include "worker/retry_worker.hpp"

#include <algorithm>

#include "base/crash_point.hpp"

namespace flotilla {

namespace {
constexpr std::int64_t most_retried_at_once = 100;
}

bool RetryWorker::step(const std::stop_token&) {
    const auto now = clock_.now();
    const auto due = runs_.due_for_retry(now, most_retried_at_once);
    std::vector<RunNews> changes;
    changes.reserve(due.size());
    for (const Run& run : due) {
        changes.push_back({run.id, {run.attempt.number, Requeued{now}}});
    }
    if (changes.empty()) {
        return false;
    }
    crash_point("retry.before_store");
    for (const Run& run : runs_.advance_all(changes)) {
        crash_point("retry.stored");
        if (const ServedCluster* served = clusters_.find(run.cluster)) {
            served->submit_wake.notify();
        }
    }
    return due.size() == most_retried_at_once;
}

std::chrono::microseconds RetryWorker::rest() {
    const auto next = runs_.next_retry();
    return next ? std::clamp(*next - clock_.now(), std::chrono::microseconds{0}, sweep_) : sweep_;
}

}  // namespace flotilla
