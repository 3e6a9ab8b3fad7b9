#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "cluster/clusters.hpp"
#include "config/config.hpp"
#include "queue/run_queue.hpp"
#include "store/run_store.hpp"
#include "worker/news_worker.hpp"
#include "worker/reconcile_worker.hpp"
#include "worker/stop_worker.hpp"
#include "worker/submit_worker.hpp"
#include "worker/worker_thread.hpp"

namespace flotilla {

/// What all clusters share.
struct SharedParts {
    RunQueue& queue;
    RunStore& runs;
    Clock& clock;
    Random& random;
    RetryRules retry;
    Wake& retry_wake;
    const Fence& fence;
};

/// One cluster: its engine and the workers that serve it.
class ClusterRuntime {
public:
    /// `preparation`: null where the engine wants none.
    ClusterRuntime(Cluster cluster, std::unique_ptr<Engine> engine, ImageCheck& images, SecretCheck& secrets,
                   LogReader& logs, Preparation* preparation);

    [[nodiscard]] const ServedCluster& served() const { return served_; }

    /// Has what the engine has compared with the store now.
    [[nodiscard]] Wake& reconcile_wake() { return reconcile_wake_; }

    /// Starts the workers that the configuration enables. They end with this object.
    void start(const Config& config, const SharedParts& shared);

private:
    struct StatusParts {
        StatusParts(const ServedCluster& cluster, const Config& config, const SharedParts& shared,
                    Wake& reconcile_wake);
        EngineRecorder recorder;
        NewsWorker news;
        ReconcileWorker reconcile;
        StopWorker stop;
        Wake news_wake;
        WorkerThread news_thread;
        WorkerThread reconcile_thread;
        WorkerThread stop_thread;
    };

    std::unique_ptr<Engine> engine_;
    Wake submit_wake_;
    Wake stop_wake_;
    Wake reconcile_wake_;
    EnginePause pause_;
    EnginePause stop_pause_;
    EngineHolds holds_;
    ServedCluster served_;
    std::unique_ptr<SubmitWorker> submit_;
    std::optional<WorkerThread> submit_thread_;
    std::unique_ptr<StatusParts> status_;
};

}  // namespace flotilla
