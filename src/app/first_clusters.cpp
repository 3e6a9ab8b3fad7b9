#include "app/first_clusters.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "cluster/measured_engine.hpp"

namespace flotilla {

namespace {

Cluster cluster_of(const ClusterConfig& config) {
    return {.name = config.name,
            .engine = config.engine,
            .memory = config.memory,
            .cpu = config.cpu,
            .gpu = config.gpu,
            .max_running = config.max_running,
            .shares_ports = config.network != ClusterNetwork::no_network,
            .is_elsewhere = config.engine == "ecs"};
}

/// What runs of a cluster are with can be asked by the engine alone that started them.
void check_engine(const ClusterConfig& cluster, const std::vector<ClusterInUse>& all_in_use) {
    for (const ClusterInUse& in_use : all_in_use) {
        if (in_use.name == cluster.name && in_use.engine != cluster.engine && in_use.live > 0) {
            throw invalid(
                "cluster {}: its engine was {} and is now {}, but {} of its runs are still alive with the "
                "former: put that back until they have ended, or give the new engine a cluster of its own",
                cluster.name, in_use.engine, cluster.engine, in_use.live);
        }
    }
}

/// While the account cannot be listed, those that runs name are taken to be there.
std::vector<std::string> clusters_of_account(Engines& engines, const std::vector<ClusterInUse>& in_use) {
    std::vector<std::string> names;
    if (!engines.has_account()) {
        return names;
    }
    try {
        if (auto listed = engines.first_account_clusters()) {
            return *std::move(listed);
        }
    } catch (const Error& error) {
        log_warning("the ECS clusters of the account cannot be listed: {}", error.what());
    }
    for (const ClusterInUse& cluster : in_use) {
        if (cluster.engine == "ecs") {
            names.push_back(cluster.name);
        }
    }
    return names;
}

}  // namespace

std::vector<ClusterInUse> all_clusters_in_use(RunStore& runs, RunStore& elsewhere) {
    std::vector<ClusterInUse> all = runs.clusters_in_use();
    for (ClusterInUse& in_use : elsewhere.clusters_in_use()) {
        if (in_use.live > 0) {
            all.push_back(std::move(in_use));
        }
    }
    return all;
}

std::vector<ClusterConfig> first_clusters(Engines& engines, const std::vector<ClusterInUse>& in_use) {
    auto all = engines.clusters(clusters_of_account(engines, in_use));
    for (const ClusterConfig& cluster : all) {
        check_engine(cluster, in_use);
    }
    return all;
}

ClusterConfig former_cluster(const ClusterInUse& in_use) {
    if (in_use.engine == "ecs") {
        return account_cluster(in_use.name);
    }
    ClusterConfig cluster;
    cluster.name = in_use.name;
    cluster.engine = in_use.engine;
    cluster.memory = 0;
    cluster.gpu = 0;
    return cluster;
}

std::unique_ptr<ClusterRuntime> make_runtime(const ClusterConfig& cluster, Engines& engines, LogReader& logs,
                                             MetricRegistry& registry) {
    ClusterEngine made = engines.make(cluster);
    auto engine = std::make_unique<MeasuredEngine>(std::move(made.engine), registry, cluster.name);
    return std::make_unique<ClusterRuntime>(cluster_of(cluster), std::move(engine), made.images, made.secrets,
                                            made.logs != nullptr ? *made.logs : logs, made.preparation);
}

}  // namespace flotilla
