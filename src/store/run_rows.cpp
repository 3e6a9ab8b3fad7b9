#include "store/run_rows.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/lifecycle.hpp"
#include "store/json_columns.hpp"
#include "store/limit_columns.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace {

constexpr std::array<std::string_view, 29> fixed_columns{"run_id",
                                                         "definition_id",
                                                         "alias",
                                                         "group_name",
                                                         "cluster",
                                                         "engine",
                                                         "owner",
                                                         "image",
                                                         "command",
                                                         "memory",
                                                         "cpu",
                                                         "definition_env",
                                                         "ports",
                                                         "container_user",
                                                         "env",
                                                         "queued_at",
                                                         "image_digest",
                                                         "secrets",
                                                         "executed_by",
                                                         "description",
                                                         "labels",
                                                         "idempotence_key",
                                                         "timeout_seconds",
                                                         "queue_timeout_seconds",
                                                         "retry",
                                                         "gpu",
                                                         "definition_arn",
                                                         "engine_request",
                                                         "log_location"};
constexpr std::array<std::string_view, 7> state_columns{"status",     "retry_at",        "stop_requested_at",
                                                        "stopped_by", "shown_exit_code", "shown_finished_at",
                                                        "deadline"};
constexpr std::array<std::string_view, 16> attempt_columns{
    "attempt_number",  "handle",       "instance_id", "instance_dns_name", "attempt_queued_at",
    "submitted_at",    "started_at",   "finished_at", "exit_code",         "exit_class",
    "exit_reason",     "timed_out_at", "host",        "max_memory_used",   "max_cpu_used",
    "cpu_microseconds"};
constexpr int first_state = fixed_columns.size();
constexpr int first_attempt = first_state + static_cast<int>(state_columns.size());
constexpr int phase_column = first_attempt + static_cast<int>(attempt_columns.size());

std::string join_columns() {
    return fmt::format("{}, {}, {}, phase", fmt::join(fixed_columns, ", "), fmt::join(state_columns, ", "),
                       fmt::join(attempt_columns, ", "));
}

std::string parameters(std::size_t count) {
    std::string text;
    for (std::size_t i = 1; i <= count; ++i) {
        text += fmt::format("{}${}", i == 1 ? "" : ", ", i);
    }
    return text;
}

/// What the database holds was written by `to_string`; anything else is a broken database.
template <typename Value>
Value known(const std::optional<Value>& value, const std::string& text) {
    if (!value) {
        throw std::runtime_error("the database holds an unknown value: " + text);
    }
    return *value;
}

std::vector<SqlValue> fixed_values(const Run& run) {
    std::vector<SqlValue> values{run.id.value,
                                 run.definition_id.value,
                                 run.alias,
                                 run.group_name,
                                 run.cluster,
                                 run.engine,
                                 run.owner,
                                 run.spec.image,
                                 run.spec.command,
                                 run.spec.memory,
                                 sql_value(run.spec.cpu),
                                 env_column(run.spec.definition_env),
                                 ports_column(run.spec.ports),
                                 run.spec.container_user,
                                 env_column(run.env),
                                 sql_value(run.queued_at),
                                 run.spec.image_digest,
                                 texts_column(run.spec.secrets),
                                 run.executed_by,
                                 run.description,
                                 labels_column(run.labels),
                                 run.idempotence_key};
    append_limits(values, run.spec.limits);
    values.push_back(sql_value(run.spec.gpu));
    values.emplace_back(run.definition_arn);
    values.emplace_back(run.engine_request);
    values.emplace_back(run.log_location);
    return values;
}

void append_attempt(std::vector<SqlValue>& values, const Attempt& attempt) {
    values.emplace_back(static_cast<std::int64_t>(attempt.number));
    values.emplace_back(attempt.handle);
    values.emplace_back(attempt.instance.id);
    values.emplace_back(attempt.instance.dns_name);
    values.push_back(sql_value(attempt.queued_at));
    values.push_back(sql_value(attempt.submitted_at));
    values.push_back(sql_value(attempt.started_at));
    values.push_back(sql_value(attempt.finished_at));
    values.push_back(sql_value(attempt.exit_code));
    values.push_back(attempt.exit_class ? SqlValue(std::string(to_string(*attempt.exit_class)))
                                        : SqlValue(nullptr));
    values.emplace_back(attempt.exit_reason);
    values.push_back(sql_value(attempt.timed_out_at));
    values.emplace_back(attempt.host);
    values.push_back(sql_value(attempt.use.max_memory));
    values.push_back(sql_value(attempt.use.max_cpu));
    values.push_back(attempt.use.cpu_time ? SqlValue(std::int64_t{attempt.use.cpu_time->count()})
                                          : SqlValue(nullptr));
}

void append_state(std::vector<SqlValue>& values, const Run& run) {
    values.emplace_back(std::string(to_string(run.status)));
    values.push_back(sql_value(run.retry_at));
    values.push_back(sql_value(run.stop_requested_at));
    values.emplace_back(run.stopped_by);
    values.push_back(sql_value(run.shown_exit_code()));
    values.push_back(sql_value(run.shown_finished_at()));
    values.push_back(sql_value(deadline_of(run)));
    append_attempt(values, run.attempt);
    values.emplace_back(std::string(to_string(run.attempt.phase)));
}

Attempt read_attempt(const SqlRow& row, int first, AttemptPhase phase) {
    Attempt attempt;
    attempt.number = static_cast<int>(row.integer(first));
    attempt.phase = phase;
    attempt.handle = row.text(first + 1);
    attempt.instance = {row.text(first + 2), row.text(first + 3)};
    attempt.queued_at = time_from(row, first + 4);
    attempt.submitted_at = optional_time(row, first + 5);
    attempt.started_at = optional_time(row, first + 6);
    attempt.finished_at = optional_time(row, first + 7);
    if (!row.is_null(first + 8)) {
        attempt.exit_code = static_cast<int>(row.integer(first + 8));
    }
    if (!row.is_null(first + 9)) {
        attempt.exit_class = known(parse_exit_class(row.text(first + 9)), row.text(first + 9));
    }
    attempt.exit_reason = row.text(first + 10);
    attempt.timed_out_at = optional_time(row, first + 11);
    attempt.host = row.text(first + 12);
    attempt.use.max_memory = optional_integer(row, first + 13);
    attempt.use.max_cpu = optional_integer(row, first + 14);
    if (const auto time = optional_integer(row, first + 15)) {
        attempt.use.cpu_time = std::chrono::microseconds(*time);
    }
    return attempt;
}

Run read_run(const SqlRow& row) {
    Run run;
    run.id = {row.text(0)};
    run.definition_id = {row.text(1)};
    run.alias = row.text(2);
    run.group_name = row.text(3);
    run.cluster = row.text(4);
    run.engine = row.text(5);
    run.owner = row.text(6);
    run.spec.image = row.text(7);
    run.spec.command = row.text(8);
    run.spec.memory = row.integer(9);
    run.spec.cpu = optional_integer(row, 10);
    run.spec.definition_env = env_from_column(row.text(11));
    run.spec.ports = ports_from_column(row.text(12));
    run.spec.container_user = row.text(13);
    run.env = env_from_column(row.text(14));
    run.queued_at = time_from(row, 15);
    run.spec.image_digest = row.text(16);
    run.spec.secrets = texts_from_column(row.text(17));
    run.executed_by = row.text(18);
    run.description = row.text(19);
    run.labels = labels_from_column(row.text(20));
    run.idempotence_key = row.text(21);
    run.spec.limits = limits_from(row, 22);
    run.spec.gpu = optional_integer(row, 25);
    run.definition_arn = row.text(26);
    run.engine_request = row.text(27);
    run.log_location = row.text(28);
    run.status = known(parse_run_status(row.text(first_state)), row.text(first_state));
    run.retry_at = optional_time(row, first_state + 1);
    run.stop_requested_at = optional_time(row, first_state + 2);
    run.stopped_by = row.text(first_state + 3);
    const auto phase = known(parse_attempt_phase(row.text(phase_column)), row.text(phase_column));
    run.attempt = read_attempt(row, first_attempt, phase);
    return run;
}

void read_earlier_attempts(SqlSession& session, Run& run, PageSize* size) {
    static const auto sql = fmt::format("SELECT {} FROM attempts WHERE run_id = $1 ORDER BY attempt_number",
                                        fmt::join(attempt_columns, ", "));
    session.query(sql, {run.id.value}, [&](const SqlRow& row) {
        run.earlier_attempts.push_back(read_attempt(row, 0, AttemptPhase::ended));
        if (size != nullptr) {
            size->add(run.earlier_attempts.back());
        }
    });
}

void insert_earlier_attempt(SqlSession& session, const RunId& run, const Attempt& attempt) {
    static const auto sql =
        fmt::format("INSERT INTO attempts (run_id, {}) VALUES ({})", fmt::join(attempt_columns, ", "),
                    parameters(1 + attempt_columns.size()));
    std::vector<SqlValue> values{run.value};
    append_attempt(values, attempt);
    session.execute(sql, values);
}

/// The attempt before is kept; where runs wait in SQS the next one needs a message of its own.
void begin_attempt_after(SqlSession& session, const RunId& run, const Attempt& earlier) {
    insert_earlier_attempt(session, run, earlier);
    session.execute("UPDATE runs SET message_due_at = 0 WHERE run_id = $1", {run.value});
}

std::vector<SqlValue> changing_values(const Run& run) {
    std::vector<SqlValue> values;
    append_state(values, run);
    return values;
}

std::string_view changing_column(std::size_t index) {
    if (index < state_columns.size()) {
        return state_columns.at(index);
    }
    index -= state_columns.size();
    return index < attempt_columns.size() ? attempt_columns.at(index) : "phase";
}

/// Sets what has changed, and nothing else: SQLite writes anew each index of a column that is set.
void update_run(SqlSession& session, const std::vector<SqlValue>& before, const Run& run) {
    std::vector<SqlValue> after = changing_values(run);
    std::vector<SqlValue> values{run.id.value};
    std::string sql = "UPDATE runs SET ";
    for (std::size_t index = 0; index < after.size(); ++index) {
        if (after[index] != before.at(index)) {
            sql += fmt::format("{}{} = ${}", values.size() == 1 ? "" : ", ", changing_column(index),
                               values.size() + 1);
            values.push_back(std::move(after[index]));
        }
    }
    if (values.size() > 1) {
        session.execute(sql + " WHERE run_id = $1", values);
    }
}

}  // namespace

void insert_run(SqlSession& session, const Run& run) {
    static const auto sql =
        fmt::format("INSERT INTO runs ({}) VALUES ({})", join_columns(), parameters(phase_column + 1));
    auto values = fixed_values(run);
    append_state(values, run);
    session.execute(sql, values);
    for (const Attempt& attempt : run.earlier_attempts) {
        insert_earlier_attempt(session, run.id, attempt);
    }
}

std::vector<Run> select_runs(SqlSession& session, std::string_view condition,
                             const std::vector<SqlValue>& values, PageSize* size) {
    return select_runs_from(session, "runs", condition, values, size);
}

std::vector<Run> select_runs_from(SqlSession& session, std::string_view from, std::string_view condition,
                                  const std::vector<SqlValue>& values, PageSize* size) {
    static const auto select = fmt::format("SELECT {} FROM ", join_columns());
    std::vector<Run> runs;
    session.query(fmt::format("{}{} {}", select, from, condition), values, [&](const SqlRow& row) {
        runs.push_back(read_run(row));
        if (size != nullptr) {
            size->add(runs.back());
        }
    });
    for (Run& run : runs) {
        if (run.attempt.number > 1) {
            read_earlier_attempts(session, run, size);
        }
    }
    return runs;
}

std::vector<RunSummary> select_run_summaries(SqlSession& session, std::string_view condition,
                                             const std::vector<SqlValue>& values) {
    constexpr std::string_view columns =
        "run_id, definition_id, status, shown_exit_code, shown_finished_at, exit_class, queued_at, "
        "started_at";
    std::vector<RunSummary> runs;
    session.query(fmt::format("SELECT {} FROM runs {}", columns, condition), values, [&](const SqlRow& row) {
        RunSummary run{.id = {row.text(0)},
                       .definition = {row.text(1)},
                       .status = known(parse_run_status(row.text(2)), row.text(2)),
                       .exit_code = {},
                       .finished_at = optional_time(row, 4),
                       .exit_class = {},
                       .queued_at = time_from(row, 6),
                       .started_at = optional_time(row, 7)};
        if (!row.is_null(3)) {
            run.exit_code = static_cast<int>(row.integer(3));
        }
        if (!row.is_null(5)) {
            run.exit_class = known(parse_exit_class(row.text(5)), row.text(5));
        }
        runs.push_back(std::move(run));
    });
    return runs;
}

std::optional<Run> select_run(SqlSession& session, const RunId& id) {
    auto runs = select_runs(session, "WHERE run_id = $1", {id.value});
    return runs.empty() ? std::nullopt : std::optional(std::move(runs.front()));
}

std::optional<Run> select_run_for_update(SqlSession& session, const RunId& id) {
    const auto condition = fmt::format("WHERE run_id = $1{}", session.dialect().for_update());
    auto runs = select_runs(session, condition, {id.value});
    return runs.empty() ? std::nullopt : std::optional(std::move(runs.front()));
}

std::optional<AdvancedRun> advance_run(SqlSession& session, const RunId& id, const RunChange& change) {
    auto run = select_run_for_update(session, id);
    if (!run) {
        return std::nullopt;
    }
    const RunState before = state_of(*run);
    const auto values_before = changing_values(*run);
    const auto known_attempts = run->earlier_attempts.size();
    if (apply(change, *run)) {
        update_run(session, values_before, *run);
        for (std::size_t i = known_attempts; i < run->earlier_attempts.size(); ++i) {
            begin_attempt_after(session, run->id, run->earlier_attempts[i]);
        }
    }
    return AdvancedRun{*std::move(run), before};
}

}  // namespace flotilla
