#include "app/local_host.hpp"

#include "config/host_facts.hpp"

namespace flotilla {

LocalHostParts::LocalHostParts(const Config& config, Clock& clock, const std::optional<RunTokens>& run_tokens,
                               MetricRegistry& metrics)
    : clock_(clock),
      images_(open_image_store(config)),
      registry_(registry_options(config)),
      image_check_(images_, registry_, clock),
      secrets_(configured_secrets(config)),
      logs_(config.data_dir),
      cgroups_(config.data_dir),
      run_access_(config.http.server.public_url, run_tokens),
      pull_metrics_(metrics) {}

std::unique_ptr<Engine> LocalHostParts::make_engine(const Config& config, const ClusterConfig& cluster) {
    LocalEngineOptions options;
    options.cluster = cluster.name;
    options.data_dir = config.data_dir;
    options.network = cluster.network == ClusterNetwork::no_network ? RunNetwork::none : RunNetwork::host;
    options.log_limit = config.run.log_limit.bytes;
    options.pids_limit = config.run.pids_limit;
    options.instance = {host_name(), host_name()};
    return std::make_unique<LocalEngine>(
        std::move(options),
        LocalHost{images_, launcher_, cgroups_, clock_, {secrets_, run_access_}, &pull_metrics_});
}

}  // namespace flotilla
