#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "cluster/clusters.hpp"
#include "core/readiness.hpp"
#include "queue/run_queue.hpp"
#include "service/probe.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Finds out whether the server can do its work by really asking the store, the engines and the queues. Safe
/// to use from any thread.
class ReadinessService {
public:
    /// The clusters that runs may be sent to are asked. `retirement`: why engines do not let go of what
    /// definitions were before. All arguments outlive this object.
    ReadinessService(SqlDatabase& database, const Clusters& clusters, RunQueues queues,
                     EnginePause& retirement, ProbeLimits limits = {});

    /// Answers within the patience of the limits, whatever hangs.
    [[nodiscard]] Readiness readiness();

    /// The server stops: from here on it is not ready.
    void drain() { is_draining_ = true; }

private:
    struct ClusterProbe {
        ClusterProbe(const ServedCluster& cluster, RunQueue& queue, ProbeLimits limits)
            : served(cluster),
              probe(
                  [&cluster, &queue] {
                      const auto trouble = queue.trouble(cluster.cluster);
                      return trouble ? trouble : cluster.engine.trouble();
                  },
                  limits) {}
        const ServedCluster& served;
        Probe probe;
    };

    [[nodiscard]] std::vector<ClusterProbe*> cluster_probes();
    [[nodiscard]] std::vector<std::string> losses_of(const ServedCluster& served);

    std::atomic<bool> is_draining_ = false;
    const Clusters& clusters_;
    RunQueues queues_;
    EnginePause& retirement_;
    ProbeLimits limits_;
    Probe store_;
    Guarded<std::map<std::string, ClusterProbe>> probes_;  ///< by cluster; none ever goes
};

}  // namespace flotilla
