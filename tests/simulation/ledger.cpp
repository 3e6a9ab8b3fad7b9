#include "simulation/ledger.hpp"

#include <algorithm>

#include "store/sql_values.hpp"

namespace flotilla::simulation {

namespace {

/// How long after its time a run may be ended: so long the timeout worker rests.
constexpr Duration longest_overdue = std::chrono::seconds{1} + longest_delay;
constexpr int fixed_columns = 26;
constexpr std::string_view select_sql =
    "SELECT run_id, definition_id, cluster, owner, alias, group_name, engine, image, command, memory, cpu, "
    "gpu,"
    " definition_env, ports, container_user, env, queued_at, image_digest, secrets, executed_by, description,"
    " labels, timeout_seconds, queue_timeout_seconds, retry, idempotence_key,"
    " status, phase, attempt_number, handle, exit_code, shown_exit_code, exit_class, exit_reason, "
    "started_at, "
    "finished_at,"
    " stop_requested_at, timed_out_at, retry_at, attempt_queued_at, (SELECT COUNT(*) FROM "
    "attempts WHERE "
    "attempts.run_id = "
    "runs.run_id)"
    " FROM runs WHERE rowid = $1";

TimePoint time_of(std::int64_t microseconds) {
    return TimePoint(Duration(microseconds));
}

/// Whether the definition's own policy wants what ended so to be tried again, in the words of the
/// documentation.
bool wants_again(const std::optional<RetryPolicy>& policy, const StoredRun& run) {
    if (!policy || run.exit_class == "completed" || run.exit_class == "stopped_by_user" ||
        run.exit_class == "queue_timed_out" || run.exit_class == "rejected") {
        return false;
    }
    if (policy->on.empty()) {
        return run.exit_class == "job_failed" || run.exit_class == "out_of_memory" ||
               run.exit_class == "timed_out";
    }
    return std::any_of(policy->on.begin(), policy->on.end(), [&](const RetryCause& cause) {
        const int* const code = std::get_if<int>(&cause);
        return code != nullptr ? run.exit_code == *code
                               : to_string(std::get<ExitClass>(cause)) == run.exit_class;
    });
}

StoredRun read_run(const SqlRow& row) {
    StoredRun run;
    for (int column = 0; column < fixed_columns; ++column) {
        run.fixed += row.text(column);
        run.fixed += '|';
    }
    run.definition = row.text(1);
    run.cluster = row.text(2);
    run.owner = row.text(3);
    run.memory = row.integer(9);
    int column = fixed_columns;
    run.status = parse_run_status(row.text(column++)).value();
    run.phase = parse_attempt_phase(row.text(column++)).value();
    run.attempt = static_cast<int>(row.integer(column++));
    run.handle = row.text(column++);
    run.exit_code = optional_integer(row, column++);
    run.shown_exit_code = optional_integer(row, column++);
    run.exit_class = row.text(column++);
    run.exit_reason = row.text(column++);
    run.started_at = optional_integer(row, column++);
    run.finished_at = optional_integer(row, column++);
    run.stop_requested_at = optional_integer(row, column++);
    run.timed_out_at = optional_integer(row, column++);
    run.retry_at = optional_integer(row, column++);
    run.attempt_queued_at = row.integer(column++);
    run.earlier_attempts = row.integer(column);
    return run;
}

}  // namespace

Ledger::Ledger(History& history, MemoryDatabase& database) : history_(history), database_(database) {
    database_.on_commit([this](const std::vector<TouchedRow>& touched) {
        for (const TouchedRow& row : touched) {
            note(row);
        }
    });
}

Ledger::~Ledger() {
    database_.on_commit({});
}

const StoredRun* Ledger::find(const std::string& id) const {
    const auto found = runs_.find(id);
    return found == runs_.end() ? nullptr : &found->second;
}

bool Ledger::may_be_live(const AttemptName& name) const {
    const StoredRun* const run = find(name.run.value);
    return run != nullptr && run->attempt == name.number && run->phase != AttemptPhase::ended;
}

void Ledger::note(const TouchedRow& touched) {
    if (touched.is_removed) {
        note_removed(touched.row);
        return;
    }
    database_.session().query(select_sql, {touched.row}, [&](const SqlRow& row) {
        const std::string id = row.text(0);
        StoredRun run = read_run(row);
        run.changed_at = history_.timeline.now();
        const auto known = runs_.find(id);
        if (known == runs_.end()) {
            check_new(id, run);
            ids_[touched.row] = id;
        } else {
            check_change(id, known->second, run);
        }
        check_exit_code(id, run);
        check_start(id, run);
        if (history_.story.is_told()) {
            tell(id, run);
        }
        runs_[id] = run;
    });
}

void Ledger::note_removed(std::int64_t row) {
    const std::string id = ids_[row];
    const StoredRun& run = runs_.at(id);
    history_.story.tell("stored: run {} is gone with its definition", id);
    if (!run.is_done() || !history_.witness.removed_definitions.contains(run.definition)) {
        history_.judge.broken("no run is lost", "run {} was removed though nobody wanted that", id);
    }
    runs_.erase(id);
    ids_.erase(row);
}

void Ledger::check_new(const std::string& id, const StoredRun& run) {
    const Call* const call = call_of(history_.plan, id);
    const bool is_second = std::any_of(runs_.begin(), runs_.end(), [&](const auto& other) {
        return call_of(history_.plan, other.first) == call;
    });
    if (call == nullptr || is_second) {
        history_.judge.broken("a call makes one run at most", "run {} is a second one of its call", id);
    }
    if (run.status != RunStatus::queued || run.phase != AttemptPhase::waiting || run.attempt != 1) {
        history_.judge.broken("a run begins QUEUED", "run {} began {}", id, to_string(run.status));
    }
}

void Ledger::check_change(const std::string& id, const StoredRun& before, const StoredRun& after) {
    if (before.fixed != after.fixed) {
        history_.judge.broken("what is fixed in a run never changes", "run {} was\n  {}\nand is\n  {}", id,
                              before.fixed, after.fixed);
    }
    if (before.stop_requested_at && after.stop_requested_at != before.stop_requested_at) {
        history_.judge.broken("a stop that was asked for stands", "that of run {} was forgotten", id);
    }
    if (after.phase == AttemptPhase::waiting && history_.witness.at_engine.contains({{id}, after.attempt})) {
        history_.judge.broken("only what no engine has waits",
                              "{} has attempt {} of run {}, which waits again", after.cluster, after.attempt,
                              id);
    }
    if (before.exit_code && !after.exit_code && before.attempt == after.attempt) {
        history_.judge.broken("an exit code that is known stays", "that of run {} was {}", id,
                              *before.exit_code);
    }
    if (before.status == RunStatus::stopped) {
        check_final(id, before, after);
    }
    check_attempts(id, before, after);
    if (before.phase == AttemptPhase::waiting && after.phase == AttemptPhase::submitting) {
        check_turn(id, after);
    }
    if (before.phase != AttemptPhase::ended && after.phase == AttemptPhase::ended) {
        check_end(id, before, after);
    }
    check_limits(id, before, after);
    if (is_tranquil(history_.plan)) {
        check_promptness(id, before, after);
    }
}

/// Where nothing goes wrong nobody waits for a sweep: who has something to do is woken.
void Ledger::check_promptness(const std::string& id, const StoredRun& before, const StoredRun& after) {
    const TimePoint now = history_.timeline.now();
    const auto is_late = [&](TimePoint since) { return now - since > longest_delay; };
    // Nobody is woken by the strange report that a job which never ran needs another attempt.
    const bool is_reported = history_.witness.asked_for_retry.contains(id) && before.handle.empty();
    if (after.attempt != before.attempt && !is_reported &&
        is_late(std::max(time_of(before.retry_at.value_or(0)), before.changed_at))) {
        history_.judge.broken("nobody waits for a sweep", "attempt {} of run {} began late", after.attempt,
                              id);
    }
    const bool is_alone = std::none_of(runs_.begin(), runs_.end(), [&](const auto& other) {
        return other.first != id && other.second.cluster == after.cluster &&
               (!other.second.is_done() || !is_late(other.second.changed_at));
    });
    if (before.phase == AttemptPhase::waiting && after.phase == AttemptPhase::submitting && is_alone &&
        !history_.witness.was_deferred && is_late(time_of(after.attempt_queued_at))) {
        history_.judge.broken("nobody waits for a sweep", "run {} was submitted late", id);
    }
}

void Ledger::check_final(const std::string& id, const StoredRun& before, const StoredRun& after) {
    const bool code_stays = !before.exit_code || before.exit_code == after.exit_code;
    // The class of a job that had reported its end alone follows from its code.
    const bool class_stays = before.exit_class == after.exit_class ||
                             (!before.exit_code && after.exit_code == 0 &&
                              before.exit_class == "job_failed" && after.exit_class == "completed");
    if (after.status != RunStatus::stopped || !code_stays || after.attempt != before.attempt ||
        !class_stays || after.exit_reason != before.exit_reason || after.finished_at != before.finished_at) {
        history_.judge.broken("STOPPED never changes", "run {} was {} {} ({}) and is {} {} {} ({})", id,
                              before.exit_class, before.exit_code.value_or(-1), before.exit_reason,
                              to_string(after.status), after.exit_class, after.exit_code.value_or(-1),
                              after.exit_reason);
    }
}

void Ledger::check_attempts(const std::string& id, const StoredRun& before, const StoredRun& after) {
    Judge& judge = history_.judge;
    if (after.attempt == before.attempt) {
        if (after.status != before.status && !may_follow(before.status, after.status)) {
            judge.broken("status only moves forward", "run {} went from {} to {}", id,
                         to_string(before.status), to_string(after.status));
        }
        return;
    }
    if (after.attempt != before.attempt + 1 || after.earlier_attempts != before.attempt) {
        judge.broken("attempts are numbered without gaps",
                     "run {} has attempt {} after {}, and {} earlier ones", id, after.attempt, before.attempt,
                     after.earlier_attempts);
    }
    if (before.status != RunStatus::needs_retry || after.status != RunStatus::queued) {
        judge.broken("only a run that needs it is tried again", "run {} was {} and is {} in attempt {}", id,
                     to_string(before.status), to_string(after.status), after.attempt);
    }
    if (before.phase != AttemptPhase::ended) {
        judge.broken("the next attempt begins when the one before has ended",
                     "attempt {} of run {} was {} when attempt {} began", before.attempt, id,
                     to_string(before.phase), after.attempt);
    }
    check_bounds(id, before, after);
    if (before.stop_requested_at) {
        judge.broken("an acknowledged stop takes effect", "run {} was tried again after its stop", id);
    }
}

/// Of an attempt whose end at its engine was stored: the class says why it ended.
void Ledger::check_end(const std::string& id, const StoredRun& before, const StoredRun& after) {
    const bool was_settled = before.status == RunStatus::stopped || before.status == RunStatus::needs_retry;
    if (!was_settled && history_.witness.ended_by_stop.contains({{id}, after.attempt})) {
        const std::string_view wanted = before.timed_out_at ? "timed_out" : "stopped_by_user";
        if (after.exit_class != wanted) {
            history_.judge.broken("an end says why it came",
                                  "attempt {} of run {} was {} and is stored as {}", after.attempt, id,
                                  wanted, after.exit_class);
        }
    }
    const bool is_success = after.exit_class == "completed";
    if (is_success && after.exit_code != 0) {
        history_.judge.broken("an end says why it came", "run {} completed with exit code {}", id,
                              after.exit_code.value_or(-1));
    }
    const auto& timeout = call_of(history_.plan, id)->limits.timeout_seconds;
    if (is_tranquil(history_.plan) && timeout && after.started_at && !before.timed_out_at &&
        !before.stop_requested_at && !was_settled &&
        history_.timeline.now() - time_of(*after.started_at) >=
            std::chrono::seconds{*timeout} + longest_overdue) {
        history_.judge.broken("time limits are kept", "run {} ran on after its timeout", id);
    }
}

/// Nobody is passed over for ever. A run that has the turn of its owner is passed at the latest when every
/// owner has had a turn before it. Once it has been passed for `longest_pass`, others that it could not stand
/// beside are taken before it only while their owners have the turn before its own.
void Ledger::check_turn(const std::string& id, const StoredRun& taken) {
    const auto& clusters = history_.plan.settings.clusters;
    const auto cluster = std::find_if(clusters.begin(), clusters.end(),
                                      [&](const Cluster& each) { return each.name == taken.cluster; });
    std::set<std::string> owners;
    for (const Call& call : history_.plan.calls) {
        owners.insert(call.owner);
    }
    const TimePoint now = history_.timeline.now();
    for (const auto& [other, run] : runs_) {
        if (other == id || run.cluster != taken.cluster || run.phase != AttemptPhase::waiting ||
            run.memory > cluster->memory || taken.attempt_queued_at <= run.attempt_queued_at ||
            !is_first_of_its_owner(other, run)) {
            continue;
        }
        Passed& passed = passed_[{{other}, run.attempt}];
        passed.first.insert(id);
        if (!passed.since && passed.first.size() > owners.size()) {
            passed.since = now;
        }
        if (passed.since && taken.memory + run.memory > cluster->memory &&
            now - *passed.since >= history_.plan.settings.longest_pass + longest_delay) {
            passed.by.insert(id);
        }
        if (passed.by.size() > 2 * owners.size()) {
            history_.judge.broken("nobody is passed over for ever",
                                  "{} runs were taken before run {}, for which room was to be kept",
                                  passed.by.size(), other);
        }
    }
}

bool Ledger::is_first_of_its_owner(const std::string& id, const StoredRun& run) const {
    return std::none_of(runs_.begin(), runs_.end(), [&](const auto& other) {
        return other.first != id && other.second.cluster == run.cluster && other.second.owner == run.owner &&
               other.second.phase == AttemptPhase::waiting &&
               other.second.attempt_queued_at < run.attempt_queued_at;
    });
}

/// Of a run that is tried again.
void Ledger::check_bounds(const std::string& id, const StoredRun& before, const StoredRun& after) {
    const auto& witness = history_.witness;
    const auto& policy = call_of(history_.plan, id)->limits.retry;
    const int most = history_.plan.settings.retry.max_attempts + (policy ? policy->max_attempts - 1 : 0);
    if (after.attempt > most) {
        history_.judge.broken("attempts are bounded", "run {} has attempt {} of {}", id, after.attempt, most);
    }
    if (witness.started.contains({{id}, before.attempt}) && !witness.asked_for_retry.contains(id) &&
        !wants_again(policy, before)) {
        history_.judge.broken("no retry follows a process that has started",
                              "attempt {} of run {} had started", before.attempt, id);
    }
}

/// Time limits are kept, and a definition's own failures are tried again.
void Ledger::check_limits(const std::string& id, const StoredRun& before, const StoredRun& after) {
    const RunLimits& limits = call_of(history_.plan, id)->limits;
    const TimePoint now = history_.timeline.now();
    const auto has_passed = [&](std::int64_t since, const std::optional<std::int64_t>& seconds,
                                Duration besides) {
        return seconds && now - time_of(since) >= std::chrono::seconds{*seconds} + besides;
    };
    // Nobody ends it while it is handed over, only when it waits again.
    const bool is_late =
        has_passed(before.attempt_queued_at, limits.queue_timeout_seconds, longest_overdue) &&
        now - before.changed_at > longest_overdue;
    if (is_tranquil(history_.plan) && is_late && before.phase == AttemptPhase::waiting &&
        after.phase == AttemptPhase::submitting) {
        history_.judge.broken("time limits are kept", "run {} was submitted after its queue timeout", id);
    }
    if (before.status == RunStatus::stopped || after.status != RunStatus::stopped) {
        return;
    }
    const bool is_early =
        after.exit_class == "queue_timed_out"
            ? !has_passed(before.attempt_queued_at, limits.queue_timeout_seconds, Duration{0})
            : after.exit_class == "timed_out" &&
                  !has_passed(after.started_at.value_or(0), limits.timeout_seconds, Duration{0});
    if (is_early || (after.exit_class == "queue_timed_out" && after.started_at)) {
        history_.judge.broken("time limits are kept", "run {} has {} before its time", id, after.exit_class);
    }
    const Actor* const actor = history_.timeline.acting();
    const bool is_by_engine = actor != nullptr && actor->role != Role::client && after.started_at;
    if (is_by_engine && !after.stop_requested_at && wants_again(limits.retry, after) &&
        after.attempt < limits.retry->max_attempts) {
        history_.judge.broken("what a definition wants to be tried again is",
                              "attempt {} of run {} was the last", after.attempt, id);
    }
}

void Ledger::check_exit_code(const std::string& id, const StoredRun& run) {
    if (!run.exit_code) {
        return;
    }
    const auto code = static_cast<int>(*run.exit_code);
    const auto& of_world = history_.witness.exit_codes[{{id}, run.attempt}];
    const auto reported = history_.witness.reported_codes.find(id);
    const bool is_reported =
        reported != history_.witness.reported_codes.end() && reported->second.contains(code);
    if (!of_world.contains(code) && !is_reported) {
        history_.judge.broken("exit codes are those that the world gave",
                              "attempt {} of run {} shows {}, with which nothing ended", run.attempt, id,
                              code);
    }
    if (run.status == RunStatus::stopped && run.shown_exit_code != run.exit_code) {
        history_.judge.broken("exit codes are those that the world gave", "run {} does not show its own", id);
    }
}

void Ledger::check_start(const std::string& id, const StoredRun& run) {
    const bool is_known = run.started_at || !run.exit_code || run.phase != AttemptPhase::ended;
    if (!is_known && !history_.witness.reported_codes.contains(id)) {
        history_.judge.broken("what ran shows when it started", "attempt {} of run {} ended with {}",
                              run.attempt, id, *run.exit_code);
    }
}

void Ledger::tell(const std::string& id, const StoredRun& run) {
    const Actor* const actor = history_.timeline.acting();
    history_.story.tell("stored: run {} is {}, attempt {} {}{}{}{} (by {})", id, to_string(run.status),
                        run.attempt, to_string(run.phase),
                        run.exit_code ? fmt::format(", exit code {}", *run.exit_code) : "",
                        run.exit_class.empty() ? "" : ", " + run.exit_class,
                        run.stop_requested_at && run.status != RunStatus::stopped ? ", to be stopped" : "",
                        actor == nullptr ? "nobody" : actor->name);
}

}  // namespace flotilla::simulation
