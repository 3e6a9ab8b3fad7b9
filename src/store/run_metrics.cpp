#include "store/run_metrics.hpp"

#include <array>

namespace flotilla {

namespace {

/// Seconds from the queue to the first instruction: milliseconds on an idle host, minutes behind others.
const std::vector<double> launch_bounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,   1,
                                        2.5,   5,    10,    30,   60,  300,  1'800, 7'200};

constexpr std::array exit_classes{
    ExitClass::completed,       ExitClass::job_failed,        ExitClass::out_of_memory,
    ExitClass::stopped_by_user, ExitClass::timed_out,         ExitClass::queue_timed_out,
    ExitClass::image_not_found, ExitClass::image_unavailable, ExitClass::start_failed,
    ExitClass::host_lost,       ExitClass::engine_error,      ExitClass::rejected};

std::map<ExitClass, Counter> by_exit_class(MetricRegistry& registry, const std::string& cluster,
                                           const std::string& name, const std::string& help) {
    std::map<ExitClass, Counter> counters;
    for (const ExitClass exit_class : exit_classes) {
        counters.emplace(exit_class, registry.counter(name, help,
                                                      {{"cluster", cluster},
                                                       {"exit_class", std::string(to_string(exit_class))}}));
    }
    return counters;
}

bool is_over(const RunState& state) {
    return state.status == RunStatus::stopped && state.phase == AttemptPhase::ended;
}

}  // namespace

RunMetrics::OfCluster::OfCluster(MetricRegistry& registry, const std::string& cluster)
    : submitted(registry.counter("flotilla_runs_submitted_total", "Runs that were accepted.",
                                 {{"cluster", cluster}})),
      started(registry.counter("flotilla_attempts_started_total", "Attempts whose process started.",
                               {{"cluster", cluster}})),
      retried(registry.counter("flotilla_retries_total", "Runs that were queued for another attempt.",
                               {{"cluster", cluster}})),
      launches(registry.histogram("flotilla_attempt_launch_duration_seconds",
                                  "How long attempts took from their queueing to the start of their process.",
                                  launch_bounds, {{"cluster", cluster}})),
      attempts_ended(by_exit_class(registry, cluster, "flotilla_attempts_ended_total",
                                   "Attempts that ended, by why they did.")),
      runs_finished(by_exit_class(registry, cluster, "flotilla_runs_finished_total",
                                  "Runs that finished for good, by why their last attempt ended.")) {}

void RunMetrics::submitted(const Run& run) {
    auto clusters = clusters_.lock();
    clusters->try_emplace(run.cluster, registry_, run.cluster).first->second.submitted.add();
}

void RunMetrics::changed(const RunState& before, const Run& run) {
    const RunState after = state_of(run);
    if (after == before) {
        return;
    }
    auto clusters = clusters_.lock();
    OfCluster& counted = clusters->try_emplace(run.cluster, registry_, run.cluster).first->second;
    if (after.attempt != before.attempt) {
        counted.retried.add();
        return;
    }
    if (after.has_started && !before.has_started) {
        counted.started.add();
        counted.launches.observe(*run.attempt.started_at - run.attempt.queued_at);
    }
    const auto exit_class = run.attempt.exit_class;
    if (exit_class && after.phase == AttemptPhase::ended && before.phase != AttemptPhase::ended) {
        counted.attempts_ended.at(*exit_class).add();
    }
    if (exit_class && is_over(after) && !is_over(before)) {
        counted.runs_finished.at(*exit_class).add();
    }
}

}  // namespace flotilla
