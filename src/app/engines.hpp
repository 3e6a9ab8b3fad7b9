#pragma once

#include <memory>
#include <optional>

#include "app/docker_hosts.hpp"
#include "app/host_parts.hpp"
#include "app/local_host.hpp"

namespace flotilla {

/// The engine of a cluster, and who says which images it can have.
struct ClusterEngine {
    std::unique_ptr<Engine> engine;
    ImageCheck& images;
};

/// Makes the engines of all clusters: the only one that knows which there are. An engine that no cluster has
/// asks nothing of this host.
class Engines {
public:
    Engines(const Config& config, Clock& clock, const Fence& fence,
            const std::optional<RunTokens>& run_tokens, MetricRegistry& metrics)
        : host_(config, clock, fence, run_tokens, metrics), docker_(host_) {}

    [[nodiscard]] ClusterEngine make(const ClusterConfig& cluster);

    [[nodiscard]] SecretCheck& secrets() { return host_.secrets; }
    [[nodiscard]] LogReader& logs() { return host_.logs; }
    /// That of the image store of this host; null if no cluster is local.
    [[nodiscard]] ImageCheck* local_images() { return local_ ? &local_->image_check() : nullptr; }
    /// Nobody waits for a registry any more.
    void cancel_image_checks() { host_.registry_check.cancel(); }

private:
    HostParts host_;
    std::optional<LocalHostParts> local_;
    DockerHosts docker_;
};

}  // namespace flotilla
