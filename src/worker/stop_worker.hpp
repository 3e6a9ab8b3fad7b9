#pragma once

#include <optional>

#include "base/clock.hpp"
#include "cluster/clusters.hpp"
#include "store/run_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Carries out the wish that a container goes: a stop request, a run whose time is up, or one whose outcome
/// is settled while its container still runs. What the engine does not do is tried again each second, and
/// told once. A part of the status worker.
class StopWorker final : public Worker {
public:
    StopWorker(const ServedCluster& cluster, RunStore& runs, Clock& clock, std::chrono::seconds grace,
               std::chrono::microseconds sweep)
        : cluster_(cluster), runs_(runs), clock_(clock), grace_(grace), sweep_(sweep) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override;

private:
    /// When the engine has to be asked: a job that reported its own end may use the grace period to end by
    /// itself.
    [[nodiscard]] TimePoint due(const Run& run) const;
    /// Tells why containers cannot be asked to end, or that they can.
    void tell(const std::optional<std::string>& failure);

    const ServedCluster& cluster_;
    RunStore& runs_;
    Clock& clock_;
    std::chrono::seconds grace_;
    std::chrono::microseconds sweep_;
    std::optional<TimePoint> next_due_;
    bool has_failed_ = false;
};

}  // namespace flotilla
