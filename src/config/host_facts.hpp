#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace flotilla {

/// Environment variables by name.
using Environment = std::map<std::string, std::string>;

/// The environment of this process.
[[nodiscard]] Environment process_environment();

/// The name of this machine.
[[nodiscard]] std::string host_name();

/// What some defaults depend on.
struct HostFacts {
    bool is_root = false;
    std::filesystem::path home;
    std::string name;
    std::int64_t memory = 0;   ///< MiB
    std::int64_t gpus = 0;     ///< NVIDIA's: /dev/nvidia0, ...
    bool has_docker = false;   ///< a Docker daemon is named, or a Docker socket is there
    bool has_aws = false;      ///< AWS credentials are configured
    std::string aws_region{};  ///< that AWS's own programs take; empty: none is said
    std::string docker_host = "unix:///var/run/docker.sock";  ///< the daemon that docker's own client asks
    std::string docker_certificates = {};  ///< the folder that makes it speak TLS; empty: it does not
};

/// Looks at this machine.
[[nodiscard]] HostFacts look_at_host(const Environment& environment);

/// What a cluster on a host of `memory` MiB may hand out: all but the larger of 512 MiB and a tenth.
[[nodiscard]] std::int64_t memory_for_runs(std::int64_t memory);

}  // namespace flotilla
