#pragma once

#include "worker/engine_recorder.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Compares the store with the engine's truth and fills in what news lost: ends of runs, runs that the engine
/// does not know, engine objects that no run needs. A part of the status worker.
class ReconcileWorker final : public Worker {
public:
    ReconcileWorker(const ServedCluster& cluster, RunStore& runs, EngineRecorder& recorder,
                    std::chrono::microseconds sweep)
        : cluster_(cluster), runs_(runs), recorder_(recorder), sweep_(sweep) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override { return sweep_; }

private:
    void remove_orphan(const AttemptName& name);

    const ServedCluster& cluster_;
    RunStore& runs_;
    EngineRecorder& recorder_;
    std::chrono::microseconds sweep_;
};

}  // namespace flotilla
