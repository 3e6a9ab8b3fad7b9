#pragma once

#include <optional>

#include "app/secrets.hpp"
#include "base/clock.hpp"
#include "base/fence.hpp"
#include "config/config.hpp"
#include "core/run_token.hpp"
#include "engine/pull_metrics.hpp"
#include "engine/run_access.hpp"
#include "image/registry.hpp"
#include "image/registry_check.hpp"
#include "logs/file/file_log_reader.hpp"
#include "logs/finished_logs.hpp"
#include "metrics/metric_registry.hpp"

namespace flotilla {

/// What all clusters of this host share, whatever their engine.
struct HostParts {
    /// `the_clock` is this host's own; all is passed by reference and outlives this object.
    HostParts(const Config& given, Clock& the_clock, const Fence& the_fence,
              const std::optional<RunTokens>& run_tokens, MetricRegistry& metrics);

    const Config& config;
    Clock& clock;
    const Fence& fence;
    Registry registry;
    RegistryCheck registry_check;
    ConfiguredSecrets secrets;
    RunAccess run_access;
    FileLogReader logs;
    FinishedLogs finished_logs;
    PullMetrics pull_metrics;
};

}  // namespace flotilla
