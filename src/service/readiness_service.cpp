#include "service/readiness_service.hpp"

namespace flotilla {

ReadinessService::ReadinessService(SqlDatabase& database, const Clusters& clusters, RunQueues queues,
                                   ProbeLimits limits)
    : limits_(limits),
      store_(
          [&database]() -> std::optional<std::string> {
              database.check();
              return std::nullopt;
          },
          limits) {
    for (const ServedCluster& served : clusters.all()) {
        if (served.cluster.is_configured) {
            clusters_.emplace_back(served, queues.of(served.cluster), limits);
        }
    }
}

Readiness ReadinessService::readiness() {
    const auto deadline = std::chrono::steady_clock::now() + limits_.patience;
    store_.begin();
    for (ClusterProbe& cluster : clusters_) {
        cluster.probe.begin();
    }
    Readiness readiness;
    readiness.is_stopping = is_draining_;
    readiness.store = store_.answer(deadline);
    for (ClusterProbe& cluster : clusters_) {
        readiness.clusters.push_back(
            {cluster.served.cluster.name, cluster.probe.answer(deadline), cluster.served.engine.losses()});
    }
    return readiness;
}

}  // namespace flotilla
