#include "app/local_host.hpp"

#include "config/host_facts.hpp"

namespace flotilla {

LocalHostParts::LocalHostParts(HostParts& host)
    : host_(host),
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
