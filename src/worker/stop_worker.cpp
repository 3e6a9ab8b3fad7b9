#include "worker/stop_worker.hpp"

#include <algorithm>

#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

bool StopWorker::step(const std::stop_token&) {
    next_due_.reset();
    std::optional<std::string> failure;
    for (const Run& run : runs_.unwanted(cluster_.cluster.name)) {
        const auto at = due(run);
        if (at <= clock_.now()) {
            crash_point("stop.before_engine");
            try {
                cluster_.engine.stop({run.id, run.attempt.number}, grace_);
            } catch (const Error& error) {
                failure = error.what();
            }
            crash_point("stop.engine_asked");
        } else {
            next_due_ = next_due_ ? std::min(*next_due_, at) : at;
        }
    }
    tell(failure);
    return false;
}

void StopWorker::tell(const std::optional<std::string>& failure) {
    has_failed_ = failure.has_value();
    if (!failure) {
        cluster_.stop_pause.end();
        return;
    }
    if (cluster_.stop_pause.reason() != failure) {
        log_warning("containers of cluster {} cannot be asked to end: {}", cluster_.cluster.name, *failure);
    }
    cluster_.stop_pause.begin(*failure);
}

std::chrono::microseconds StopWorker::rest() {
    constexpr std::chrono::microseconds after_failure = std::chrono::seconds{1};
    const auto rest = next_due_ ? std::min(sweep_, *next_due_ - clock_.now()) : sweep_;
    return has_failed_ ? std::min(rest, after_failure) : rest;
}

TimePoint StopWorker::due(const Run& run) const {
    const bool ends_by_itself = run.status == RunStatus::stopped && !run.stop_requested_at;
    return ends_by_itself && run.attempt.finished_at ? *run.attempt.finished_at + grace_ : TimePoint{};
}

}  // namespace flotilla
