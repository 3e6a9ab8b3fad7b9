#include "engine/pull_metrics.hpp"

#include "base/overloaded.hpp"

namespace flotilla {

namespace {

Counter pulls(MetricRegistry& registry, const std::string& outcome) {
    return registry.counter("flotilla_image_pulls_total", "Pulls of images for runs, by how they ended.",
                            {{"outcome", outcome}});
}

}  // namespace

PullMetrics::PullMetrics(MetricRegistry& registry)
    : pulled_(pulls(registry, "pulled")),
      denied_(pulls(registry, "denied")),
      failed_(pulls(registry, "failed")),
      durations_(registry.histogram("flotilla_image_pull_duration_seconds",
                                    "How long pulls of images took, with the tries that they took.",
                                    {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900})) {}

void PullMetrics::pulled(const PullOutcome& outcome, std::chrono::nanoseconds duration) {
    durations_.observe(duration);
    std::visit(
        Overloaded{[&](const StoredImage&) { pulled_.add(); }, [&](const PullDenied&) { denied_.add(); },
                   [&](const PullFailed&) { failed_.add(); }},
        outcome);
}

}  // namespace flotilla
