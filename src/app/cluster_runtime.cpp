#include "app/cluster_runtime.hpp"

namespace flotilla {

ClusterRuntime::ClusterRuntime(Cluster cluster, std::unique_ptr<Engine> engine, ImageCheck& images,
                               SecretCheck& secrets, LogReader& logs, Preparation* preparation)
    : engine_(std::move(engine)), served_{std::move(cluster), *engine_,   images, secrets,     logs,
                                          submit_wake_,       stop_wake_, pause_, stop_pause_, holds_,
                                          preparation} {}

ClusterRuntime::StatusParts::StatusParts(const ServedCluster& cluster, const Config& config,
                                         const SharedParts& shared, Wake& reconcile_wake)
    : recorder(cluster, shared.queue, shared.runs, shared.clock, shared.random, shared.retry,
               shared.retry_wake),
      news(cluster.engine, recorder),
      reconcile(cluster, shared.runs, recorder, config.worker.status_interval),
      stop(cluster, shared.runs, shared.clock, std::chrono::ceil<std::chrono::seconds>(config.run.stop_grace),
           config.worker.status_interval),
      news_thread("news", news, news_wake),
      reconcile_thread("reconcile", reconcile, reconcile_wake),
      stop_thread("stop", stop, cluster.stop_wake) {}

void ClusterRuntime::start(const Config& config, const SharedParts& shared) {
    if (is_worker_enabled(config, "status")) {
        status_ = std::make_unique<StatusParts>(served_, config, shared, reconcile_wake_);
    }
    if (is_worker_enabled(config, "submit")) {
        const SubmitOptions options{.retry = shared.retry,
                                    .sweep = config.worker.submit_interval,
                                    .fence = &shared.fence,
                                    .has_peers = shared.clock.is_shared() && !served_.cluster.is_elsewhere};
        submit_ = std::make_unique<SubmitWorker>(served_, shared.queue, shared.runs, shared.clock,
                                                 shared.random, options, shared.retry_wake);
        submit_thread_.emplace("submit", *submit_, submit_wake_);
    }
}

}  // namespace flotilla
