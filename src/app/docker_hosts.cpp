#include "app/docker_hosts.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
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

/// Where a daemon is and by what certificates it is spoken to, as a file of two lines remembers it.
struct DaemonPlace {
    std::string host;
    std::string certificates;
};

std::optional<DaemonPlace> read_place(const std::filesystem::path& file) {
    const std::string text = read_file(file).value_or("");
    const auto end = text.find('\n');
    return end == std::string::npos ? std::nullopt
                                    : std::optional(DaemonPlace{text.substr(0, end), text.substr(end + 1)});
}

void check_certificates(const std::string& cluster, const std::filesystem::path& folder) {
    for (const char* const name : {"ca.pem", "cert.pem", "key.pem"}) {
        if (!folder.empty() && !std::ifstream(folder / name)) {
            throw invalid("cluster {}: {} cannot be read: for TLS its daemon's certificates have to be there",
                          cluster, (folder / name).string());
        }
    }
}

}  // namespace

/// The file `<data_dir>/docker-daemons/<cluster>` remembers it for when the cluster is no longer configured,
/// or otherwise: its runs have to be looked for where they are.
DaemonAddress DockerHosts::address_of(const ClusterConfig& cluster) const {
    const auto& data_dir = host_.config.data_dir;
    const auto file = data_dir / "docker-daemons" / cluster.name;
    const auto former = read_place(file);
    const std::map<std::string, std::string> settings(cluster.settings.begin(), cluster.settings.end());
    if (!settings.contains("host")) {
        if (!former) {
            throw invalid(
                "cluster {} is no longer configured, has live runs, and its Docker daemon is not "
                "known: configure it again",
                cluster.name);
        }
        return parse_daemon_address(former->host, former->certificates);
    }
    const DaemonPlace now{settings.at("host"), settings.at("certificates")};
    DaemonAddress address = parse_daemon_address(now.host, now.certificates);
    check_certificates(cluster.name, now.certificates);
    const bool has_moved = former && former->host != now.host;
    const auto left = has_moved ? take_stock(attempts_folder(data_dir, cluster.name)).size() : 0;
    if (left > 0) {
        throw invalid(
            "cluster {}: its Docker daemon was {} and is now {}, but {} of its runs are still with the "
            "former: put that back until they have ended, or give the new daemon a cluster of its own. If "
            "both "
            "are one daemon, remove {}",
            cluster.name, former->host, now.host, left, file.string());
    }
    std::filesystem::create_directories(file.parent_path());
    write_file(file, now.host + "\n" + now.certificates);
    return address;
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
    auto engine = std::make_unique<DockerEngine>(std::move(options), std::move(address),
                                                 DockerEngineParts{http_,
                                                                   host_.clock,
                                                                   {host_.secrets, host_.run_access},
                                                                   &host_.pull_metrics,
                                                                   &gpus,
                                                                   &host_.fence,
                                                                   &host_.finished_logs});
    if (const auto trouble = engine->trouble()) {
        log_warning("cluster {}: {}; its runs wait until it answers", cluster.name, *trouble);
    }
    return engine;
}

ImageCheck& DockerHosts::make_image_check(const ClusterConfig& cluster) {
    image_checks_.push_back(
        std::make_unique<DockerImageCheck>(http_, address_of(cluster), host_.registry_check, host_.clock));
    return *image_checks_.back();
}

}  // namespace flotilla
