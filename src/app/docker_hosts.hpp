#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/host_parts.hpp"
#include "config/config.hpp"
#include "engine/docker/docker_engine.hpp"
#include "engine/docker/docker_image_check.hpp"
#include "net/curl_http_client.hpp"

namespace flotilla {

/// What the Docker clusters share; each has a daemon of its own.
class DockerHosts {
public:
    explicit DockerHosts(HostParts& host) : host_(host) {}

    /// Of a cluster that is no longer configured the daemon is that of the last configuration that had it.
    [[nodiscard]] std::unique_ptr<Engine> make_engine(const ClusterConfig& cluster);
    /// Lives as long as this object.
    [[nodiscard]] ImageCheck& make_image_check(const ClusterConfig& cluster);

private:
    [[nodiscard]] DaemonAddress address_of(const ClusterConfig& cluster) const;

    HostParts& host_;
    std::map<std::string, GpuGrants> gpus_;  ///< of each daemon's host, by its address
    CurlHttpClient http_;
    std::vector<std::unique_ptr<DockerImageCheck>> image_checks_;
};

}  // namespace flotilla
