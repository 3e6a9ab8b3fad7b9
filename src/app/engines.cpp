#include "app/engines.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/log.hpp"

namespace flotilla {

EcsHosts& Engines::ecs() {
    return ecs_ ? *ecs_ : ecs_.emplace(host_, definitions_, elsewhere_runs_, cluster_wake_, metrics_);
}

ClusterEngine Engines::make(const ClusterConfig& cluster) {
    if (cluster.engine == "docker") {
        return {docker_.make_engine(cluster), docker_.make_image_check(cluster), host_.secrets};
    }
    if (cluster.engine == "ecs") {
        return {ecs().make_engine(cluster), ecs().images(), ecs().secrets(), &ecs().logs(),
                &ecs().preparation()};
    }
    if (cluster.engine != "local") {
        throw std::logic_error(fmt::format("nothing makes the engine {}", cluster.engine));
    }
    if (!local_) {
        local_.emplace(host_);
    }
    return {local_->make_engine(cluster), local_->image_check(), host_.secrets};
}

std::unique_ptr<SqsRunQueue> Engines::make_sqs_queue(SqlDatabase& database, Clock& clock,
                                                     RunMetrics& run_metrics) {
    return host_.config.queue_manager == QueueManager::sqs ? ecs().make_queue(database, clock, run_metrics)
                                                           : nullptr;
}

std::vector<ClusterConfig> Engines::clusters(std::vector<std::string> of_account) const {
    const Config& config = host_.config;
    std::vector<ClusterConfig> all = config.clusters;
    if (has_account() && of_account.empty() && all.empty()) {
        of_account.push_back(config.default_cluster);
    }
    for (std::string& name : of_account) {
        const bool is_configured = std::any_of(
            all.begin(), all.end(), [&](const ClusterConfig& known) { return known.name == name; });
        if (is_configured) {
            continue;
        }
        const bool has_queue = config.queue_manager == QueueManager::sqs;
        if (has_queue && config.queue.name_space + "-" + name == config.queue.status) {
            log_warning(
                "cluster {} of the account is left out: {} would be the queue of its runs, and is "
                "queue.status",
                name, config.queue.status);
            continue;
        }
        all.push_back(account_cluster(std::move(name)));
    }
    return all;
}

}  // namespace flotilla
