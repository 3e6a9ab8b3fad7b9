#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "engine/local/launcher/protocol.hpp"
#include "engine/local/network/run_networks.hpp"
#include "engine/secrets.hpp"
#include "image/stored_image.hpp"

namespace flotilla {

/// The host's own files that a container's are made from; empty where the host has none.
struct HostNetworkFiles {
    std::string hosts;        ///< /etc/hosts
    std::string resolv_conf;  ///< /etc/resolv.conf
    std::string
        resolved_resolv_conf;  ///< /run/systemd/resolve/resolv.conf: the servers behind systemd's stub
};
/// Reads them; a file that cannot be read counts as empty.
[[nodiscard]] HostNetworkFiles read_host_network_files();

/// The name servers that this host asks, IPv4, some perhaps on its loopback addresses.
[[nodiscard]] std::vector<std::string> name_servers(const HostNetworkFiles& host);

/// The network that a container finds itself in.
struct JobNetwork {
    RunNetwork kind = RunNetwork::host;
    std::string address = {};       ///< its own, where the network is private
    std::string host_address = {};  ///< of this host there
};

/// The content of /etc/hosts in a container.
[[nodiscard]] std::string container_hosts(const HostNetworkFiles& host, const JobNetwork& network,
                                          const std::string& hostname);
/// The content of /etc/resolv.conf in a container: the host's, but with the real servers where the host's
/// only names the stub resolver 127.0.0.53; see systemd-resolved(8). In a private network, only with name
/// servers that are reached from there; where the host has none but on its own loopback, that is this host.
[[nodiscard]] std::string container_resolv_conf(const HostNetworkFiles& host, const JobNetwork& network);

struct LaunchSettings {
    std::filesystem::path folder;  ///< the run's
    JobNetwork network = {};
    std::int64_t log_limit = 0;  ///< bytes
    std::vector<launcher::HostMount> mounts = {};
    std::vector<int> gpus = {};  ///< by their index on the host
    std::vector<SecretVariable> secrets;
    std::int64_t start_before = launcher::never;  ///< see LaunchSpec
};

/// Everything that the launcher has to know to run `task` from `image`. A run that has secrets is not traced:
/// the shell would write into the log what its variables hold.
[[nodiscard]] launcher::LaunchSpec plan_launch(const Task& task, const StoredImage& image,
                                               const HostNetworkFiles& host, const LaunchSettings& settings);

}  // namespace flotilla
