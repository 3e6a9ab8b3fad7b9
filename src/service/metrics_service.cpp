#include "service/metrics_service.hpp"

#include <array>

#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

constexpr std::array live_statuses{RunStatus::queued, RunStatus::pending, RunStatus::running,
                                   RunStatus::needs_retry};

double seconds(std::chrono::microseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

MetricsService::MetricsService(MetricRegistry& registry, RunStore& runs, const Clusters& clusters,
                               Clock& clock)
    : registry_(registry),
      runs_(runs),
      clusters_(clusters),
      clock_(clock),
      gauges_(Gauges{ProcessMetrics(registry),
                     registry.gauge("flotilla_store_up", "1 if the store answers, else 0."),
                     {},
                     {},
                     {}}) {
    registry
        .gauge("flotilla_build_info", "1; the labels say what is running.", {{"version", FLOTILLA_VERSION}})
        .set(1);
}

void MetricsService::add_clusters(Gauges& gauges) {
    for (const ServedCluster* served : clusters_.all()) {
        const std::string& cluster = served->cluster.name;
        if (gauges.queue_depth.contains(cluster)) {
            continue;
        }
        gauges.queue_depth.emplace(cluster,
                                   registry_.gauge("flotilla_queue_depth", "Runs that wait for their turn.",
                                                   {{"cluster", cluster}}));
        gauges.queue_oldest.emplace(
            cluster, registry_.gauge("flotilla_queue_oldest_seconds",
                                     "For how long the first of the waiting runs has waited; 0 if none does.",
                                     {{"cluster", cluster}}));
        for (const RunStatus status : live_statuses) {
            gauges.runs.emplace(
                std::pair(cluster, status),
                registry_.gauge("flotilla_runs", "Runs that have not ended, by status.",
                                {{"cluster", cluster}, {"status", std::string(to_string(status))}}));
        }
    }
}

void MetricsService::show(Gauges& gauges, const RunCensus& census) {
    std::map<std::string, std::int64_t> depths;
    std::map<std::string, TimePoint> oldest;
    for (const RunCensus::Waiting& waiting : census.waiting) {
        depths[waiting.cluster] = waiting.count;
        oldest[waiting.cluster] = waiting.oldest;
    }
    std::map<std::pair<std::string, RunStatus>, std::int64_t> counts;
    for (const RunCensus::Live& live : census.live) {
        counts[{live.cluster, live.status}] = live.count;
    }
    const TimePoint now = clock_.now();
    for (auto& [cluster, gauge] : gauges.queue_depth) {
        gauge.set(static_cast<double>(depths[cluster]));
    }
    for (auto& [cluster, gauge] : gauges.queue_oldest) {
        gauge.set(oldest.contains(cluster) ? seconds(now - oldest[cluster]) : 0);
    }
    for (auto& [cluster_and_status, gauge] : gauges.runs) {
        gauge.set(static_cast<double>(counts[cluster_and_status]));
    }
}

std::string MetricsService::text() {
    auto gauges = gauges_.lock();
    gauges->process.update();
    add_clusters(*gauges);
    try {
        show(*gauges, runs_.census());
        gauges->store_up.set(1);
    } catch (const Error& error) {
        log_warning("the runs cannot be counted: {}", error.what());
        gauges->store_up.set(0);
    }
    return registry_.text();
}

}  // namespace flotilla
