#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/docker/daemon_kind.hpp"
#include "engine/engine.hpp"
#include "engine/secrets.hpp"
#include "engine/submitted_task.hpp"

namespace flotilla {

/// A folder of the daemon's host that every container sees.
struct ContainerMount {
    std::string host;
    std::string path;  ///< where it stands in the container
    bool is_read_only = true;
};

/// What a container can reach: what the daemon's host reaches, but not the host itself nor its like
/// (`own`, see private_network.hpp); all that the host can; nothing.
enum class ContainerNetwork { own, host, none };

/// What all containers of a cluster have in common.
struct ContainerSettings {
    std::string cluster;
    ContainerNetwork network = ContainerNetwork::host;
    std::vector<ContainerMount> mounts = {};
    std::int64_t pids_limit = 4096;  ///< 0: not bounded
};

/// The label that names a container's cluster.
inline constexpr const char* cluster_label = "flotilla.cluster";
/// The label that names the variables of a container whose values its log shows as `***`, by commas.
inline constexpr const char* masked_label = "flotilla.masked";

/// What an attempt's container is named: `flotilla-<run_id>.<attempt>`.
[[nodiscard]] std::string container_name(const AttemptName& name);

/// Why no container can be made for the task with these variables; nothing if one can.
[[nodiscard]] std::optional<std::string> container_mistake(const Task& task,
                                                           const std::vector<SecretVariable>& secrets);

/// The body of the request that makes the container of what was submitted from the image of that id, with the
/// private network of that id where its cluster has such: see
/// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
[[nodiscard]] std::string container_body(const SubmittedTask& submitted, const std::string& image,
                                         const std::vector<SecretVariable>& secrets,
                                         const ContainerSettings& settings, DaemonKind kind,
                                         const std::string& private_network);

}  // namespace flotilla
