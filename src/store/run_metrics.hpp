#pragma once

#include <map>
#include <string>

#include "base/guarded.hpp"
#include "core/run.hpp"
#include "metrics/metric_registry.hpp"

namespace flotilla {

/// What is counted of runs as they move along, by cluster. Safe to use from any thread.
class RunMetrics {
public:
    /// The registry outlives this object.
    explicit RunMetrics(MetricRegistry& registry) : registry_(registry) {}

    /// A new run was stored.
    void submitted(const Run& run);
    /// A change of a run was stored.
    void changed(const RunState& before, const Run& run);

private:
    struct OfCluster {
        OfCluster(MetricRegistry& registry, const std::string& cluster);
        Counter submitted;
        Counter started;
        Counter retried;
        Histogram launches;
        std::map<ExitClass, Counter> attempts_ended;
        std::map<ExitClass, Counter> runs_finished;
    };

    MetricRegistry& registry_;
    Guarded<std::map<std::string, OfCluster>> clusters_;
};

}  // namespace flotilla
