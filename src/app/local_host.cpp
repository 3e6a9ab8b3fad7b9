#include "app/local_host.hpp"

#include <charconv>

#include "api/authority.hpp"
#include "base/error.hpp"
#include "config/host_facts.hpp"

namespace flotilla {

namespace {

RunNetwork run_network(ClusterNetwork network) {
    switch (network) {
        case ClusterNetwork::host_network:
            return RunNetwork::host;
        case ClusterNetwork::no_network:
            return RunNetwork::none;
        case ClusterNetwork::of_engine:
        case ClusterNetwork::private_network:
            break;
    }
    return RunNetwork::private_network;
}

/// Where `http.server.public_url` is said, jobs reach the server on the ports that it may have on this host.
std::vector<std::uint16_t> open_ports(const HttpServerConfig& http) {
    const auto origin = parse_origin(http.public_url);
    if (!origin) {
        return {};
    }
    std::vector<std::uint16_t> ports;
    if (http.listen_address.port != 0) {
        ports.push_back(http.listen_address.port);
    }
    const std::string& said = origin->authority.port;
    std::uint16_t port = origin->scheme == "https" ? 443 : 80;
    std::from_chars(said.data(), said.data() + said.size(), port);
    if (port != http.listen_address.port) {
        ports.push_back(port);
    }
    return ports;
}

RunNetworkSettings network_settings(const Config& config) {
    return {.data_dir = config.data_dir,
            .subnet = config.network.subnet,
            .resolvers = name_servers(read_host_network_files()),
            .open_ports = open_ports(config.http.server)};
}

/// Throws `invalid` with the ways out if this host does not let this process start containers.
HostTrial tried(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    HostTrial trial(folder);
    if (trial.lack()) {
        throw invalid(
            "the engine local cannot start containers here ({}). Ways out: run flotilla as root; inside a "
            "container, give it a Docker daemon instead (its socket mounted at /var/run/docker.sock, or "
            "DOCKER_HOST, with execution_engine docker or auto), or start that container with --privileged "
            "and "
            "a volume for data_dir",
            *trial.lack());
    }
    return trial;
}

}  // namespace

LocalHostParts::LocalHostParts(HostParts& host)
    : host_(host),
      trial_(tried(host.config.data_dir)),
      images_(open_image_store(host.config)),
      image_check_(images_, host.registry_check, host.clock, host.config.images.max_size.bytes),
      cgroups_(host.config.data_dir),
      folders_(host.config.data_dir),
      networks_(network_settings(host.config)),
      gpus_(find_gpus()) {
    gpu_grants_.add(static_cast<int>(gpus_.devices.size()));
    if (const auto trouble = launcher_.trouble()) {
        throw invalid("the engine local cannot start containers here: {}", *trouble);
    }
}

void LocalHostParts::prepare_network(const std::string& cluster, RunNetwork network) {
    try {
        networks_.prepare(network);
    } catch (const Error& error) {
        throw unavailable(
            "this host cannot give the runs of cluster {} private networks: {}; mend that, or say "
            "clusters: {{{}: {{network: host}}}} (or none)",
            cluster, error.what(), cluster);
    }
}

std::unique_ptr<Engine> LocalHostParts::make_engine(const ClusterConfig& cluster) {
    const Config& config = host_.config;
    LocalEngineOptions options;
    options.cluster = cluster.name;
    options.data_dir = config.data_dir;
    options.network = run_network(cluster.network);
    if (cluster.memory > 0) {  // else nothing starts there
        prepare_network(cluster.name, options.network);
    }
    options.log_limit = config.run.log_limit.bytes;
    options.disk_limit = config.run.disk_limit.bytes;
    options.pids_limit = config.run.pids_limit;
    for (const MountConfig& mount : cluster.mounts) {
        options.mounts.push_back({mount.host.string(), mount.path.string(), mount.read_only});
    }
    options.instance = {host_name(), host_name()};
    return std::make_unique<LocalEngine>(std::move(options), LocalHost{images_,
                                                                       launcher_,
                                                                       cgroups_,
                                                                       folders_,
                                                                       networks_,
                                                                       host_.clock,
                                                                       {host_.secrets, host_.run_access},
                                                                       &gpus_,
                                                                       &gpu_grants_,
                                                                       &host_.pull_metrics,
                                                                       &host_.fence,
                                                                       &host_.finished_logs});
}

}  // namespace flotilla
