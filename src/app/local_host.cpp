#include "app/local_host.hpp"

#include "base/error.hpp"
#include "config/host_facts.hpp"
#include "engine/local/host_trial.hpp"

namespace flotilla {

namespace {

/// The same; throws `invalid` with the ways out if this host does not let this process start containers.
HostParts& able_to_start_containers(HostParts& host) {
    const auto& folder = host.config.data_dir;
    std::filesystem::create_directories(folder);
    if (const auto lack = what_containers_lack(folder)) {
        throw invalid(
            "the engine local cannot start containers here ({}). Ways out: run flotilla as root; inside a "
            "container, give it a Docker daemon instead (its socket mounted at /var/run/docker.sock, or "
            "DOCKER_HOST, with execution_engine docker or auto), or start that container with --privileged "
            "and "
            "a volume for data_dir",
            *lack);
    }
    return host;
}

}  // namespace

LocalHostParts::LocalHostParts(HostParts& host)
    : host_(able_to_start_containers(host)),
      images_(open_image_store(host.config)),
      image_check_(images_, host.registry_check, host.clock),
      cgroups_(host.config.data_dir) {}

std::unique_ptr<Engine> LocalHostParts::make_engine(const ClusterConfig& cluster) {
    const Config& config = host_.config;
    LocalEngineOptions options;
    options.cluster = cluster.name;
    options.data_dir = config.data_dir;
    options.network = cluster.network == ClusterNetwork::no_network ? RunNetwork::none : RunNetwork::host;
    options.log_limit = config.run.log_limit.bytes;
    options.pids_limit = config.run.pids_limit;
    options.instance = {host_name(), host_name()};
    return std::make_unique<LocalEngine>(std::move(options), LocalHost{images_,
                                                                       launcher_,
                                                                       cgroups_,
                                                                       host_.clock,
                                                                       {host_.secrets, host_.run_access},
                                                                       &host_.pull_metrics,
                                                                       &host_.fence});
}

}  // namespace flotilla
