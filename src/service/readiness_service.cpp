#include "service/readiness_service.hpp"

namespace flotilla {

ReadinessService::ReadinessService(SqlDatabase& database, const Clusters& clusters, RunQueues queues,
                                   EnginePause& retirement, ProbeLimits limits)
    : clusters_(clusters),
      queues_(queues),
      retirement_(retirement),
      limits_(limits),
      store_(
          [&database]() -> std::optional<std::string> {
              database.check();
              return std::nullopt;
          },
          limits) {}

Readiness ReadinessService::readiness() {
    const auto deadline = std::chrono::steady_clock::now() + limits_.patience;
    store_.begin();
    const auto probes = cluster_probes();
    for (ClusterProbe* const cluster : probes) {
        cluster->probe.begin();
    }
    Readiness readiness;
    readiness.is_stopping = is_draining_;
    readiness.store = store_.answer(deadline);
    for (ClusterProbe* const cluster : probes) {
        readiness.clusters.push_back({cluster->served.cluster.name, cluster->probe.answer(deadline)});
    }
    for (const ServedCluster* const served : clusters_.all()) {
        if (auto losses = losses_of(*served); !losses.empty()) {
            readiness.losses.emplace(served->cluster.name, std::move(losses));
        }
    }
    return readiness;
}

std::vector<std::string> ReadinessService::losses_of(const ServedCluster& served) {
    auto losses = served.engine.losses();
    if (auto loss = served.holds.loss()) {
        losses.push_back(*std::move(loss));
    }
    const auto reason = retirement_.reason();
    if (reason && served.preparation != nullptr) {
        losses.push_back("the removal of what definitions were before: " + *reason);
    }
    return losses;
}

std::vector<ReadinessService::ClusterProbe*> ReadinessService::cluster_probes() {
    std::vector<ClusterProbe*> wanted;
    auto probes = probes_.lock();
    for (const ServedCluster* served : clusters_.configured()) {
        const std::string& name = served->cluster.name;
        wanted.push_back(
            &probes->try_emplace(name, *served, queues_.of(served->cluster), limits_).first->second);
    }
    return wanted;
}

}  // namespace flotilla
