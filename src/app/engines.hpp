#pragma once

#include <memory>
#include <optional>

#include "app/docker_hosts.hpp"
#include "app/ecs_hosts.hpp"
#include "app/host_parts.hpp"
#include "app/local_host.hpp"

namespace flotilla {

/// The engine of a cluster, and who says what it can have.
struct ClusterEngine {
    std::unique_ptr<Engine> engine;
    ImageCheck& images;
    SecretCheck& secrets;
    LogReader* logs = nullptr;           ///< null: its logs are files of a host
    Preparation* preparation = nullptr;  ///< null: it wants to know nothing before
};

/// Makes the engines of all clusters: the only one that knows which there are. An engine that no cluster has
/// asks nothing of this host.
class Engines {
public:
    /// `definitions`: those of everybody; `elsewhere_runs`: the runs on no server's host. `cluster_wake` is
    /// woken when one of them is on a cluster that has no engine here. All arguments outlive this object.
    Engines(const Config& config, Clock& clock, const Fence& fence,
            const std::optional<RunTokens>& run_tokens, MetricRegistry& metrics, DefinitionStore& definitions,
            RunStore& elsewhere_runs, Wake& cluster_wake)
        : host_(config, clock, fence, run_tokens, metrics),
          metrics_(metrics),
          definitions_(definitions),
          elsewhere_runs_(elsewhere_runs),
          cluster_wake_(cluster_wake),
          docker_(host_) {}

    [[nodiscard]] ClusterEngine make(const ClusterConfig& cluster);
    /// Whether clusters of an account are there besides those of the configuration.
    [[nodiscard]] bool has_account() const { return host_.config.execution_engine == "ecs"; }
    /// The clusters of the account; see `AccountClusters::names`.
    [[nodiscard]] std::optional<std::vector<std::string>> account_clusters() {
        return ecs().clusters().names(AwsClient::Limits{});
    }
    /// Likewise; what AWS does not answer within a second is not known yet.
    [[nodiscard]] std::optional<std::vector<std::string>> first_account_clusters() {
        return ecs().first_clusters();
    }
    /// Why those cannot be listed; nothing if all is well.
    [[nodiscard]] std::optional<std::string> account_trouble() {
        return has_account() ? ecs().clusters().trouble() : std::nullopt;
    }
    /// Those of the configuration, and the account's, of which there are these.
    [[nodiscard]] std::vector<ClusterConfig> clusters(std::vector<std::string> of_account) const;
    /// Where runs on ECS wait in SQS; null: they wait in the store.
    [[nodiscard]] std::unique_ptr<SqsRunQueue> make_sqs_queue(SqlDatabase& database, Clock& clock,
                                                              RunMetrics& run_metrics);
    /// Makes what engines need elsewhere, once all are made.
    void prepare() {
        if (ecs_) {
            ecs_->prepare();
        }
    }
    /// That of ECS; null if no cluster is there.
    [[nodiscard]] Preparation* preparation() { return ecs_ ? &ecs_->preparation() : nullptr; }

    [[nodiscard]] LogReader& logs() { return host_.logs; }
    [[nodiscard]] FinishedLogs& finished_logs() { return host_.finished_logs; }
    /// That of the image store of this host; null if no cluster is local.
    [[nodiscard]] ImageCheck* local_images() { return local_ ? &local_->image_check() : nullptr; }
    /// Nobody waits for a registry or for AWS any more.
    void cancel_requests() {
        host_.registry_check.cancel();
        if (ecs_) {
            ecs_->cancel();
        }
    }

private:
    [[nodiscard]] EcsHosts& ecs();

    HostParts host_;
    MetricRegistry& metrics_;
    DefinitionStore& definitions_;
    RunStore& elsewhere_runs_;
    Wake& cluster_wake_;
    std::optional<LocalHostParts> local_;
    DockerHosts docker_;
    std::optional<EcsHosts> ecs_;
};

}  // namespace flotilla
