#include "worker/stop_worker.hpp"

#include <algorithm>

#include "base/crash_point.hpp"

namespace flotilla {

bool StopWorker::step(const std::stop_token&) {
    next_due_.reset();
    for (const Run& run : runs_.unwanted(cluster_.cluster.name)) {
        const auto at = due(run);
        if (at <= clock_.now()) {
            crash_point("stop.before_engine");
            cluster_.engine.stop({run.id, run.attempt.number}, grace_);
            crash_point("stop.engine_asked");
        } else {
            next_due_ = next_due_ ? std::min(*next_due_, at) : at;
        }
    }
    return false;
}

std::chrono::microseconds StopWorker::rest() {
    return next_due_ ? std::min(sweep_, *next_due_ - clock_.now()) : sweep_;
}

TimePoint StopWorker::due(const Run& run) const {
    const bool ends_by_itself = run.status == RunStatus::stopped && !run.stop_requested_at;
    return ends_by_itself && run.attempt.finished_at ? *run.attempt.finished_at + grace_ : TimePoint{};
}

}  // namespace flotilla
