#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "cluster/clusters.hpp"
#include "core/run_census.hpp"
#include "metrics/metric_registry.hpp"
#include "metrics/process_metrics.hpp"
#include "store/run_store.hpp"

namespace flotilla {

/// Tells how the server is doing. Safe to use from any thread.
class MetricsService {
public:
    /// All arguments outlive this object.
    MetricsService(MetricRegistry& registry, RunStore& runs, const Clusters& clusters, Clock& clock);

    /// Everything that is counted, in the text format of Prometheus, with the runs as the store has them now.
    /// When the store fails they stay as they were, and `flotilla_store_up` is 0.
    [[nodiscard]] std::string text();

private:
    /// What is read anew each time, by one thread at a time.
    struct Gauges {
        ProcessMetrics process;
        Gauge store_up;
        std::map<std::string, Gauge> queue_depth;   ///< by cluster
        std::map<std::string, Gauge> queue_oldest;  ///< by cluster
        std::map<std::pair<std::string, RunStatus>, Gauge> runs;
    };

    /// Those that came since.
    void add_clusters(Gauges& gauges);
    void show(Gauges& gauges, const RunCensus& census);

    MetricRegistry& registry_;
    RunStore& runs_;
    const Clusters& clusters_;
    Clock& clock_;
    Guarded<Gauges> gauges_;
};

}  // namespace flotilla
