#include "core/run_history.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flotilla {

namespace {

std::string queued_message(const Run& run, const Attempt& attempt) {
    if (attempt.number > 1) {
        return fmt::format("queued again on {}, attempt {}", run.cluster, attempt.number);
    }
    const bool by_another = !run.executed_by.empty() && run.executed_by != run.owner;
    return fmt::format("queued on {} for {}{}", run.cluster, run.owner.empty() ? "nobody" : run.owner,
                       by_another ? " by " + run.executed_by : "");
}

std::string started_message(const Instance& instance) {
    const std::string& host = instance.dns_name.empty() ? instance.id : instance.dns_name;
    return host.empty() ? "started" : fmt::format("started on {}", host);
}

std::string ended_message(const Attempt& attempt) {
    std::string message = attempt.exit_code ? fmt::format("ended with exit code {}", *attempt.exit_code)
                                            : std::string("ended without an exit code");
    return attempt.exit_reason.empty() ? message : message + ": " + attempt.exit_reason;
}

void append_attempt(const Run& run, const Attempt& attempt, std::vector<RunEvent>& events) {
    using Kind = RunEvent::Kind;
    events.push_back({attempt.queued_at, attempt.number, Kind::queued, queued_message(run, attempt)});
    if (attempt.submitted_at) {
        events.push_back({*attempt.submitted_at, attempt.number, Kind::submitted,
                          fmt::format("handed to the engine {}", run.engine)});
    }
    if (attempt.started_at) {
        events.push_back(
            {*attempt.started_at, attempt.number, Kind::started, started_message(attempt.instance)});
    }
    if (attempt.timed_out_at) {
        events.push_back({*attempt.timed_out_at, attempt.number, Kind::timed_out,
                          fmt::format("had run for {} s, which is its timeout, and was asked to end",
                                      run.spec.limits.timeout_seconds.value_or(0))});
    }
    if (attempt.finished_at) {
        events.push_back({*attempt.finished_at, attempt.number, Kind::ended, ended_message(attempt)});
    }
}

}  // namespace

std::string_view to_string(RunEvent::Kind kind) {
    switch (kind) {
        case RunEvent::Kind::queued:
            return "queued";
        case RunEvent::Kind::submitted:
            return "submitted";
        case RunEvent::Kind::started:
            return "started";
        case RunEvent::Kind::stop_requested:
            return "stop_requested";
        case RunEvent::Kind::timed_out:
            return "timed_out";
        case RunEvent::Kind::ended:
            return "ended";
    }
    return "";
}

std::vector<RunEvent> history_of(const Run& run) {
    std::vector<RunEvent> events;
    for (const Attempt& attempt : run.earlier_attempts) {
        append_attempt(run, attempt, events);
    }
    append_attempt(run, run.attempt, events);
    if (run.stop_requested_at) {
        events.push_back(
            {*run.stop_requested_at, run.attempt.number, RunEvent::Kind::stop_requested,
             run.stopped_by.empty() ? "asked to stop" : fmt::format("asked to stop by {}", run.stopped_by)});
    }
    // The engine's clock may run a little ahead of the server's: within an attempt the kinds keep their
    // order.
    std::stable_sort(events.begin(), events.end(), [](const RunEvent& left, const RunEvent& right) {
        return std::pair(left.attempt, left.kind) < std::pair(right.attempt, right.kind);
    });
    return events;
}

}  // namespace flotilla
