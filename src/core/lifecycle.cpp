#include "core/lifecycle.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/exit_reason.hpp"

namespace flotilla {

namespace {

bool move_status(Run& run, RunStatus to) {
    if (!may_follow(run.status, to)) {
        return false;
    }
    run.status = to;
    return true;
}

/// Ends the attempt's part in the engine; the outcome that was settled before stays.
void finish_attempt(Attempt& attempt, TimePoint at) {
    attempt.phase = AttemptPhase::ended;
    if (!attempt.finished_at) {
        attempt.finished_at = attempt.started_at ? std::max(at, *attempt.started_at) : at;
    }
}

void settle(Attempt& attempt, std::optional<int> exit_code, ExitClass exit_class, std::string reason) {
    attempt.exit_code = exit_code;
    attempt.exit_class = exit_class;
    attempt.exit_reason = std::move(reason);
}

std::string stop_reason(const Run& run) {
    return run.stopped_by.empty() ? "stopped on request"
                                  : fmt::format("stopped on request of {}", run.stopped_by);
}

std::string timeout_reason(const Run& run) {
    return fmt::format("ran longer than its timeout of {} s", run.spec.limits.timeout_seconds.value_or(0));
}

/// Whether it ended for the platform's reasons before its process started.
bool failed_to_start(const Attempt& attempt) {
    return attempt.exit_class && is_transient(*attempt.exit_class) && !attempt.started_at;
}

/// Whether the attempt, which has ended, failed in a way that its definition wants to be tried again.
bool is_covered(const Attempt& attempt, const Run& run) {
    const auto& policy = run.spec.limits.retry;
    return policy && attempt.exit_class && !failed_to_start(attempt) &&
           covers(*policy, *attempt.exit_class, attempt.exit_code);
}

/// How many attempts so far, the current one among them, count for the definition's policy, or else for the
/// platform's rules.
int attempts_that_count(const Run& run, bool for_policy) {
    return 1 + static_cast<int>(std::count_if(
                   run.earlier_attempts.begin(), run.earlier_attempts.end(),
                   [&](const Attempt& earlier) { return is_covered(earlier, run) == for_policy; }));
}

/// When the attempt after this one, whose outcome is settled, may begin; none: this was the last.
std::optional<TimePoint> next_attempt_of(const Run& run, const RetryTerms& terms) {
    if (run.stop_requested_at) {
        return std::nullopt;
    }
    const auto next = [&](const RetryRules& rules, bool for_policy) {
        return next_attempt_at(rules, attempts_that_count(run, for_policy), terms.now, terms.chance);
    };
    if (failed_to_start(run.attempt)) {
        return next(terms.rules, false);
    }
    return is_covered(run.attempt, run) ? next(rules_of(*run.spec.limits.retry), true) : std::nullopt;
}

bool on(const Submitting& intent, Run& run) {
    if (run.attempt.phase != AttemptPhase::waiting || run.is_unwanted()) {
        return false;
    }
    run.attempt.phase = AttemptPhase::submitting;
    run.attempt.host = intent.host;
    return true;
}

bool on(const Offered& intent, Run& run) {
    if (run.attempt.phase != AttemptPhase::submitting) {
        return false;
    }
    run.attempt.submitted_at = intent.at;
    return true;
}

bool on(const Deferred&, Run& run) {
    if (run.attempt.phase != AttemptPhase::submitting) {
        return false;
    }
    run.attempt.submitted_at.reset();
    run.attempt.phase = AttemptPhase::waiting;
    run.attempt.host.clear();
    if (run.is_unwanted()) {
        // Nothing was started, so a stop that came meanwhile is carried out here.
        const auto at = run.stop_requested_at.value_or(run.attempt.queued_at);
        finish_attempt(run.attempt, at);
        if (!run.attempt.exit_class) {
            settle(run.attempt, std::nullopt, ExitClass::stopped_by_user, stop_reason(run));
        }
        if (run.stop_requested_at) {
            run.status = RunStatus::stopped;
        }
    }
    return true;
}

/// A handle stays what it is.
void name_by(const std::string& handle, Attempt& attempt) {
    if (attempt.handle.empty()) {
        attempt.handle = handle;
    }
}

bool on(const Submitted& news, Run& run) {
    const bool is_known = !run.attempt.handle.empty() && run.attempt.submitted_at;
    if (!is_live(run.attempt.phase) || is_known) {
        return false;
    }
    name_by(news.handle, run.attempt);
    run.attempt.submitted_at = news.at;
    if (run.attempt.phase == AttemptPhase::submitting) {
        run.attempt.phase = AttemptPhase::pending;
        move_status(run, RunStatus::pending);
    }
    return true;
}

/// Where it runs, of which not all was known when it started.
bool fill_in_instance(const Instance& known, Attempt& attempt) {
    const bool has_id = attempt.instance.id.empty() && !known.id.empty();
    const bool has_name = attempt.instance.dns_name.empty() && !known.dns_name.empty();
    if (has_id) {
        attempt.instance.id = known.id;
    }
    if (has_name) {
        attempt.instance.dns_name = known.dns_name;
    }
    return has_id || has_name;
}

bool on(const Started& news, Run& run) {
    if (run.attempt.phase == AttemptPhase::running) {
        return fill_in_instance(news.instance, run.attempt);
    }
    if (!is_live(run.attempt.phase)) {
        return false;
    }
    run.attempt.phase = AttemptPhase::running;
    run.attempt.started_at = news.at;
    run.attempt.instance = news.instance;
    name_by(news.handle, run.attempt);
    move_status(run, RunStatus::running);
    return true;
}

/// What was not known when the attempt's outcome was settled; false if the engine does not know it either.
bool fill_in_exit_code(const Ended& news, Run& run) {
    Attempt& attempt = run.attempt;
    if (attempt.exit_code || !news.exit_code) {
        return false;
    }
    attempt.exit_code = news.exit_code;
    if (news.exit_code == 0 && run.status == RunStatus::stopped &&
        attempt.exit_class == ExitClass::job_failed) {
        attempt.exit_class = ExitClass::completed;  // the job had reported its end alone
    }
    return true;
}

bool on(const Ended& news, Run& run) {
    if (run.attempt.phase == AttemptPhase::waiting) {
        return false;
    }
    if (run.attempt.phase == AttemptPhase::ended) {
        return run.status == RunStatus::stopped && fill_in_exit_code(news, run);
    }
    if (news.started) {
        on(*news.started, run);
    }
    finish_attempt(run.attempt, news.at);
    name_by(news.handle, run.attempt);
    run.attempt.use = news.use;
    if (run.status == RunStatus::stopped || run.status == RunStatus::needs_retry) {
        fill_in_exit_code(news, run);
        if (run.status == RunStatus::needs_retry && run.stop_requested_at) {
            run.status = RunStatus::stopped;
        }
        return true;
    }
    const bool was_ended = news.exit_class == ExitClass::stopped_by_user || !news.exit_code;
    ExitClass exit_class = news.exit_class;
    std::string reason = news.reason;
    if (run.attempt.timed_out_at && was_ended) {
        exit_class = ExitClass::timed_out;
        reason = with_last_log_line(timeout_reason(run), news.last_log_line);
    } else if (run.stop_requested_at && was_ended) {
        exit_class = ExitClass::stopped_by_user;
        reason = stop_reason(run);
    }
    settle(run.attempt, news.exit_code, exit_class, with_log_lost(std::move(reason), news.log_lost));
    run.retry_at = next_attempt_of(run, news.retry);
    run.status = run.retry_at ? RunStatus::needs_retry : RunStatus::stopped;
    return true;
}

bool on(const StopRequested& wish, Run& run) {
    if (run.status == RunStatus::stopped || run.stop_requested_at) {
        return false;
    }
    run.stop_requested_at = wish.at;
    run.stopped_by = wish.by;
    if (!is_live(run.attempt.phase)) {
        finish_attempt(run.attempt, wish.at);
        settle(run.attempt, run.attempt.exit_code, ExitClass::stopped_by_user, stop_reason(run));
        run.status = RunStatus::stopped;
        run.retry_at.reset();
    }
    return true;
}

/// A report ends what no engine has.
void end_if_waiting(Attempt& attempt) {
    if (attempt.phase == AttemptPhase::waiting) {
        attempt.phase = AttemptPhase::ended;
    }
}

bool report_stopped(const Reported& report, Run& run, std::string reason) {
    if (!move_status(run, RunStatus::stopped)) {
        return false;
    }
    // Of an attempt that has ended already, the report does not undo what is known.
    const auto exit_code = report.exit_code ? report.exit_code : run.attempt.exit_code;
    settle(run.attempt, exit_code, exit_code == 0 ? ExitClass::completed : ExitClass::job_failed,
           std::move(reason));
    if (run.attempt.phase != AttemptPhase::ended) {
        run.attempt.finished_at = report.at;
    }
    run.retry_at.reset();
    end_if_waiting(run.attempt);
    return true;
}

bool report_needs_retry(const Reported& report, Run& run) {
    if (run.status == RunStatus::stopped || run.status == RunStatus::needs_retry) {
        return false;
    }
    const auto retry_at = next_attempt_at(report.retry.rules, attempts_that_count(run, false),
                                          report.retry.now, report.retry.chance);
    if (!retry_at) {
        return report_stopped(report, run, "the job asked for another attempt, but all of them are used up");
    }
    if (run.stop_requested_at) {
        return false;
    }
    run.status = RunStatus::needs_retry;
    run.retry_at = retry_at;
    settle(run.attempt, report.exit_code, ExitClass::job_failed, "the job asked for another attempt");
    run.attempt.finished_at = report.at;
    end_if_waiting(run.attempt);
    return true;
}

bool on(const Reported& report, Run& run) {
    switch (report.status) {
        case RunStatus::queued:
        case RunStatus::pending:
        case RunStatus::running:
            return move_status(run, report.status);
        case RunStatus::stopped:
            return report_stopped(report, run, "the job reported its own end");
        case RunStatus::needs_retry:
            return report_needs_retry(report, run);
    }
    return false;
}

bool on(const Overdue& news, Run& run) {
    const auto deadline = deadline_of(run);
    if (!deadline || *deadline > news.at) {
        return false;
    }
    if (run.attempt.phase == AttemptPhase::running) {
        run.attempt.timed_out_at = news.at;
        return true;
    }
    finish_attempt(run.attempt, news.at);
    settle(run.attempt, std::nullopt, ExitClass::queue_timed_out,
           fmt::format("waited longer than its queue timeout of {} s",
                       run.spec.limits.queue_timeout_seconds.value_or(0)));
    run.status = RunStatus::stopped;
    return true;
}

bool on(const Requeued& news, Run& run) {
    if (run.status != RunStatus::needs_retry || run.attempt.phase != AttemptPhase::ended) {
        return false;
    }
    run.earlier_attempts.push_back(run.attempt);
    Attempt next;
    next.number = run.attempt.number + 1;
    next.queued_at = news.at;
    run.attempt = std::move(next);
    run.status = RunStatus::queued;
    run.retry_at.reset();
    return true;
}

}  // namespace

std::optional<TimePoint> deadline_of(const Run& run) {
    const auto after = [](TimePoint start, const std::optional<std::int64_t>& seconds) {
        return seconds ? std::optional(start + std::chrono::seconds{*seconds}) : std::nullopt;
    };
    if (run.is_unwanted()) {
        return std::nullopt;
    }
    if (run.attempt.phase == AttemptPhase::waiting) {
        return after(run.attempt.queued_at, run.spec.limits.queue_timeout_seconds);
    }
    if (run.attempt.phase == AttemptPhase::running) {
        return after(*run.attempt.started_at, run.spec.limits.timeout_seconds);
    }
    return std::nullopt;
}

bool apply(const RunChange& change, Run& run) {
    if (change.attempt != run.attempt.number) {
        return false;
    }
    return std::visit([&](const auto& kind) { return on(kind, run); }, change.kind);
}

}  // namespace flotilla
