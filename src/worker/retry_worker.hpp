#pragma once

#include "base/clock.hpp"
#include "cluster/clusters.hpp"
#include "store/run_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Puts runs back into their queue when their back-off is over.
class RetryWorker final : public Worker {
public:
    RetryWorker(const Clusters& clusters, RunStore& runs, Clock& clock, std::chrono::microseconds sweep)
        : clusters_(clusters), runs_(runs), clock_(clock), sweep_(sweep) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override;

private:
    const Clusters& clusters_;
    RunStore& runs_;
    Clock& clock_;
    std::chrono::microseconds sweep_;
};

}  // namespace flotilla
