#pragma once

#include <chrono>

#include "image/image_store.hpp"
#include "metrics/metric_registry.hpp"

namespace flotilla {

/// What is counted of the image pulls that runs wait for. Safe to use from any thread.
class PullMetrics {
public:
    explicit PullMetrics(MetricRegistry& registry);

    /// A pull, with the tries that it took, ended like this after `duration`.
    void pulled(const PullOutcome& outcome, std::chrono::nanoseconds duration);

private:
    Counter pulled_;
    Counter denied_;
    Counter failed_;
    Histogram durations_;
};

}  // namespace flotilla
