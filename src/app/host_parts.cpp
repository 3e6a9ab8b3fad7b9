#include "app/host_parts.hpp"

#include "app/images.hpp"
#include "logs/file/log_compression.hpp"

namespace flotilla {

HostParts::HostParts(const Config& given, Clock& the_clock, const Fence& the_fence,
                     const std::optional<RunTokens>& run_tokens, MetricRegistry& metrics)
    : config(given),
      clock(the_clock),
      fence(the_fence),
      registry(registry_options(config)),
      registry_check(registry, clock),
      secrets(configured_secrets(config)),
      run_access(config.http.server.public_url, run_tokens),
      logs(config.data_dir),
      finished_logs(least_log_to_compress),
      pull_metrics(metrics) {}

}  // namespace flotilla
