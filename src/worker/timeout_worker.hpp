#pragma once

#include "base/clock.hpp"
#include "base/clock_watch.hpp"
#include "cluster/clusters.hpp"
#include "store/run_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Ends what has waited or run for longer than it may: a waiting run at once, a running one through the stop
/// worker. A clock that is set gives no run less time or more. A part of the status worker.
class TimeoutWorker final : public Worker {
public:
    TimeoutWorker(const Clusters& clusters, RunStore& runs, Clock& clock)
        : clusters_(clusters), runs_(runs), clock_(clock), watch_(clock) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override;

private:
    void follow_clock();

    const Clusters& clusters_;
    RunStore& runs_;
    Clock& clock_;
    ClockWatch watch_;
};

}  // namespace flotilla
