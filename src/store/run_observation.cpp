#include "store/run_observation.hpp"

#include "base/log.hpp"

namespace flotilla {

namespace {

bool has_ended(RunStatus status) {
    return status == RunStatus::stopped || status == RunStatus::needs_retry;
}

std::optional<std::string_view> exit_class_of(const Run& run) {
    return has_ended(run.status) && run.attempt.exit_class ? std::optional(to_string(*run.attempt.exit_class))
                                                           : std::nullopt;
}

void log_submission(const Run& run) {
    log_event("run_submitted", {{"run_id", run.id.value},
                                {"alias", run.alias},
                                {"definition_id", run.definition_id.value},
                                {"cluster", run.cluster},
                                {"image", run.spec.image},
                                {"owner", run.owner},
                                {"by", run.executed_by}});
}

void log_change(const RunState& before, const Run& run) {
    if (before.status == run.status) {
        return;
    }
    // The reason of a job that ran may quote its log, which may show values of its variables.
    const bool is_told = has_ended(run.status) && !run.attempt.started_at;
    const auto reason = is_told ? std::optional(run.attempt.exit_reason) : std::nullopt;
    log_event("run_status", {{"run_id", run.id.value},
                             {"alias", run.alias},
                             {"cluster", run.cluster},
                             {"owner", run.owner},
                             {"from", to_string(before.status)},
                             {"to", to_string(run.status)},
                             {"attempt", run.attempt.number},
                             {"exit_code", run.shown_exit_code()},
                             {"exit_class", exit_class_of(run)},
                             {"reason", reason}});
}

}  // namespace

void observe_submission(const Run& run, RunMetrics* metrics) {
    log_submission(run);
    if (metrics != nullptr) {
        metrics->submitted(run);
    }
}

void observe_change(const AdvancedRun& advanced, RunMetrics* metrics) {
    log_change(advanced.before, advanced.run);
    if (metrics != nullptr) {
        metrics->changed(advanced.before, advanced.run);
    }
}

}  // namespace flotilla
