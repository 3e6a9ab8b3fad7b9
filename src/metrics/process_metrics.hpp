#pragma once

#include "metrics/metric_registry.hpp"

namespace flotilla {

/// What the kernel says of this process, by the names that all clients of Prometheus use:
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
class ProcessMetrics {
public:
    explicit ProcessMetrics(MetricRegistry& registry);

    /// Reads /proc/self anew; one thread at a time. What cannot be read stays as it was.
    void update();

private:
    Counter cpu_;
    Gauge resident_;
    Gauge virtual_;
    Gauge start_;
    Gauge open_fds_;
    Gauge max_fds_;
};

}  // namespace flotilla
