#include "app/docker_hosts.hpp"

#include <map>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"
#include "config/host_facts.hpp"

namespace flotilla {

namespace {

ContainerNetwork network_of(const ClusterConfig& cluster) {
    switch (cluster.network) {
        case ClusterNetwork::host_network:
            return ContainerNetwork::host;
        case ClusterNetwork::no_network:
            return ContainerNetwork::none;
        case ClusterNetwork::of_engine:
        case ClusterNetwork::private_network:
            break;
    }
    return ContainerNetwork::own;
}

std::vector<ContainerMount> mounts_of(const ClusterConfig& cluster) {
    std::vector<ContainerMount> mounts;
    for (const MountConfig& mount : cluster.mounts) {
        mounts.push_back({mount.host.string(), mount.path.string(), mount.read_only});
    }
    return mounts;
}

}  // namespace

/// The file `<data_dir>/docker/<cluster>.daemon`, two lines, remembers it for when the cluster is no longer
/// configured: its runs have to be looked for where they are.
DaemonAddress DockerHosts::address_of(const ClusterConfig& cluster) const {
    const auto file = host_.config.data_dir / "docker" / (cluster.name + ".daemon");
    std::map<std::string, std::string> settings(cluster.settings.begin(), cluster.settings.end());
    if (settings.contains("host")) {
        std::filesystem::create_directories(file.parent_path());
        write_file(file, settings["host"] + "\n" + settings["certificates"]);
    } else {
        const std::string text = read_file(file).value_or("");
        const auto end = text.find('\n');
        if (end == std::string::npos) {
            throw invalid(
                "cluster {} is no longer configured, has live runs, and its Docker daemon is not "
                "known: configure it again",
                cluster.name);
        }
        settings = {{"host", text.substr(0, end)}, {"certificates", text.substr(end + 1)}};
    }
    return parse_daemon_address(settings["host"], settings["certificates"]);
}

std::unique_ptr<Engine> DockerHosts::make_engine(const ClusterConfig& cluster) {
    const Config& config = host_.config;
    DaemonAddress address = address_of(cluster);
    GpuGrants& gpus = gpus_[address.url + address.unix_socket];
    gpus.add(static_cast<int>(cluster.gpu));
    const std::string instance = address.host.empty() ? host_name() : address.host;
    DockerEngineOptions options{.container = {.cluster = cluster.name,
                                              .network = network_of(cluster),
                                              .mounts = mounts_of(cluster),
                                              .pids_limit = config.run.pids_limit},
                                .data_dir = config.data_dir,
                                .auth_file = config.docker_auth,
                                .log_limit = config.run.log_limit.bytes,
                                .instance = {instance, instance},
                                .sweep = config.worker.status_interval};
    return std::make_unique<DockerEngine>(
        std::move(options), std::move(address),
        DockerEngineParts{
            http_, host_.clock, {host_.secrets, host_.run_access}, &host_.pull_metrics, &gpus, &host_.fence});
}

ImageCheck& DockerHosts::make_image_check(const ClusterConfig& cluster) {
    image_checks_.push_back(
        std::make_unique<DockerImageCheck>(http_, address_of(cluster), host_.registry_check, host_.clock));
    return *image_checks_.back();
}

}  // namespace flotilla
