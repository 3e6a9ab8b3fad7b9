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
    Engines(const Config& config, Clock& clock, const Fence& fence,
            const std::optional<RunTokens>& run_tokens, MetricRegistry& metrics)
        : host_(config, clock, fence, run_tokens, metrics), docker_(host_) {}

    [[nodiscard]] ClusterEngine make(const ClusterConfig& cluster);
    /// Those of the configuration and, with ECS, those of the account.
    [[nodiscard]] std::vector<ClusterConfig> clusters();
    /// Where runs on ECS wait in SQS; null: they wait in the store.
    [[nodiscard]] std::unique_ptr<SqsRunQueue> make_sqs_queue(SqlDatabase& database, Clock& clock,
                                                              MetricRegistry& metrics,
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
    std::optional<LocalHostParts> local_;
    DockerHosts docker_;
    std::optional<EcsHosts> ecs_;
};

}  // namespace flotilla
