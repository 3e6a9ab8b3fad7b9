#pragma once

#include <memory>
#include <vector>

#include "app/cluster_runtime.hpp"
#include "app/engines.hpp"
#include "config/config.hpp"
#include "store/run_store.hpp"

namespace flotilla {

// Which clusters a server has when it starts, and how each is made.

/// Those that runs of this host name, and those that runs of no server's host are alive on.
[[nodiscard]] std::vector<ClusterInUse> all_clusters_in_use(RunStore& runs, RunStore& elsewhere);

/// The clusters of the configuration and of the account. While that cannot be listed, those that runs name
/// are taken to be there. Throws `invalid` if one has another engine than its live runs, which that engine
/// alone can be asked of.
[[nodiscard]] std::vector<ClusterConfig> first_clusters(Engines& engines,
                                                        const std::vector<ClusterInUse>& in_use);

/// A cluster that runs still name though the configuration does not: what is alive there is followed to its
/// end, and can be stopped. Without memory it starts nothing; one of an account may come back, and until then
/// ECS starts nothing there.
[[nodiscard]] ClusterConfig former_cluster(const ClusterInUse& in_use);

/// A cluster with its engine, not started yet. `logs`: who reads its logs, if the engine has no reader of its
/// own. What is passed by reference outlives it.
[[nodiscard]] std::unique_ptr<ClusterRuntime> make_runtime(const ClusterConfig& cluster, Engines& engines,
                                                           LogReader& logs, MetricRegistry& registry);

}  // namespace flotilla
