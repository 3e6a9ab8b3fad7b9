#include "wire/answers.hpp"

#include <algorithm>
#include <optional>

#include "base/overloaded.hpp"
#include "base/time_text.hpp"
#include "wire/json_writer.hpp"

namespace flotilla {

namespace {

void write_texts(JsonWriter& out, const std::vector<std::string>& texts) {
    out.begin_list();
    for (const std::string& text : texts) {
        out.text(text);
    }
    out.end_list();
}

void write_env(JsonWriter& out, const Env& env) {
    out.key("env").begin_list();
    for (const EnvVar& variable : env) {
        out.begin_object().member("name", variable.name).member("value", variable.value).end_object();
    }
    out.end_list();
}

void write_time(JsonWriter& out, std::string_view name, const std::optional<TimePoint>& time) {
    if (time) {
        out.member(name, to_rfc3339(*time));
    }
}

void write_labels(JsonWriter& out, const Labels& labels) {
    if (labels.empty()) {
        return;
    }
    out.key("labels").begin_object();
    for (const auto& [name, value] : labels) {
        out.member(name, value);
    }
    out.end_object();
}

void write_texts_unless_empty(JsonWriter& out, std::string_view name, const std::vector<std::string>& texts) {
    if (!texts.empty()) {
        out.key(name);
        write_texts(out, texts);
    }
}

template <typename Integer>
void write_integer(JsonWriter& out, std::string_view name, const std::optional<Integer>& number) {
    if (number) {
        out.member(name, *number);
    }
}

void write_instance(JsonWriter& out, const Instance& instance) {
    out.key("instance")
        .begin_object()
        .member("dns_name", instance.dns_name)
        .member("instance_id", instance.id)
        .end_object();
}

void write_retry(JsonWriter& out, const RetryPolicy& policy) {
    out.key("retry").begin_object().member("max_attempts", policy.max_attempts);
    if (!policy.on.empty()) {
        out.key("on").begin_list();
        for (const RetryCause& cause : policy.on) {
            std::visit(Overloaded{[&](int code) { out.integer(code); },
                                  [&](ExitClass exit_class) { out.text(to_string(exit_class)); }},
                       cause);
        }
        out.end_list();
    }
    out.member("backoff_seconds", policy.backoff_seconds).end_object();
}

void write_limits(JsonWriter& out, const RunLimits& limits) {
    write_integer(out, "timeout_seconds", limits.timeout_seconds);
    write_integer(out, "queue_timeout_seconds", limits.queue_timeout_seconds);
    if (limits.retry) {
        write_retry(out, *limits.retry);
    }
}

void write_definition(JsonWriter& out, const Definition& definition) {
    out.begin_object();
    write_env(out, definition.env);
    out.member("arn", definition.arn)
        .member("definition_id", definition.id.value)
        .member("image", definition.image)
        .member("group_name", definition.group_name)
        .member("container_name", definition.id.value)
        .member_unless_empty("user", definition.user)
        .member("alias", definition.alias)
        .member("memory", definition.memory)
        .member("command", definition.command);
    if (!definition.ports.empty()) {
        out.key("ports").begin_list();
        for (const int port : definition.ports) {
            out.integer(port);
        }
        out.end_list();
    }
    write_texts_unless_empty(out, "tags", definition.tags);
    write_integer(out, "cpu", definition.cpu);
    write_integer(out, "gpu", definition.gpu);
    write_limits(out, definition.limits);
    write_texts_unless_empty(out, "secrets", definition.secrets);
    out.member_unless_empty("description", definition.description);
    write_labels(out, definition.labels);
    write_time(out, "created_at", definition.created_at);
    out.member_unless_empty("created_by", definition.created_by);
    write_time(out, "updated_at", definition.updated_at);
    out.member_unless_empty("updated_by", definition.updated_by);
    out.end_object();
}

/// The status of an attempt by itself. Only the current one can be anything but ended; what its run's status
/// says of it comes first.
RunStatus status_of(const Attempt& attempt, const Run& run) {
    const bool is_current = attempt.number == run.attempt.number;
    return is_current && run.status != RunStatus::needs_retry ? run.status : RunStatus::stopped;
}

/// Why it ended, once that is settled.
void write_outcome(JsonWriter& out, const Attempt& attempt, bool is_settled) {
    if (!is_settled) {
        return;
    }
    if (attempt.exit_class) {
        out.member("exit_class", to_string(*attempt.exit_class));
    }
    out.member_unless_empty("exit_reason", attempt.exit_reason);
}

void write_attempt(JsonWriter& out, const Attempt& attempt, const Run& run) {
    const RunStatus status = status_of(attempt, run);
    const bool is_settled = status == RunStatus::stopped;
    out.begin_object().member("number", attempt.number).member("task_arn", attempt.handle);
    write_instance(out, attempt.instance);
    out.member("status", to_string(status));
    write_time(out, "queued_at", attempt.queued_at);
    write_time(out, "submitted_at", attempt.submitted_at);
    write_time(out, "started_at", attempt.started_at);
    if (is_settled) {
        write_time(out, "finished_at", attempt.finished_at);
        write_integer(out, "exit_code", attempt.exit_code);
    }
    write_outcome(out, attempt, is_settled);
    out.end_object();
}

void write_attempts(JsonWriter& out, const Run& run) {
    out.member("attempt_count", run.attempt.number).key("attempts").begin_list();
    for (const Attempt& attempt : run.earlier_attempts) {
        write_attempt(out, attempt, run);
    }
    write_attempt(out, run.attempt, run);
    out.end_list();
}

/// What is run, and where.
void write_spec(JsonWriter& out, const Run& run) {
    out.member_unless_empty("image_digest", run.spec.image_digest)
        .member("command", run.spec.command)
        .member("memory", run.spec.memory);
    write_integer(out, "cpu", run.spec.cpu);
    write_integer(out, "gpu", run.spec.gpu);
    write_limits(out, run.spec.limits);
    write_texts_unless_empty(out, "secrets", run.spec.secrets);
    out.member("engine", run.engine);
}

/// What its current attempt used, once that is known.
void write_use(JsonWriter& out, const Run& run) {
    write_integer(out, "max_memory_used", run.attempt.use.max_memory);
    write_integer(out, "max_cpu_used", run.attempt.use.max_cpu);
    if (run.attempt.use.cpu_time) {
        constexpr double microseconds = 1e6;
        out.member("cpu_seconds", static_cast<double>(run.attempt.use.cpu_time->count()) / microseconds);
    }
}

void write_members(JsonWriter& out, const Run& run) {
    write_instance(out, run.attempt.instance);
    out.member("task_arn", run.attempt.handle)
        .member("run_id", run.id.value)
        .member("definition_id", run.definition_id.value)
        .member("alias", run.alias)
        .member("image", run.spec.image)
        .member("cluster", run.cluster);
    write_integer(out, "exit_code", run.shown_exit_code());
    out.member("status", to_string(run.status));
    write_time(out, "started_at", run.attempt.started_at);
    write_time(out, "finished_at", run.shown_finished_at());
    out.member("group_name", run.group_name).member_unless_empty("user", run.owner);
    write_env(out, run.env);
    write_outcome(out, run.attempt, run.status == RunStatus::stopped || run.status == RunStatus::needs_retry);
    write_use(out, run);
    write_time(out, "queued_at", run.queued_at);
    write_spec(out, run);
    out.member_unless_empty("description", run.description);
    write_labels(out, run.labels);
    out.member_unless_empty("executed_by", run.executed_by);
    write_time(out, "retry_at", run.retry_at);
    write_time(out, "stop_requested_at", run.stop_requested_at);
    out.member_unless_empty("stopped_by", run.stopped_by);
    out.member_unless_empty("idempotence_key", run.idempotence_key);
    write_attempts(out, run);
}

void write_run(JsonWriter& out, const Run& run) {
    out.begin_object();
    write_members(out, run);
    out.end_object();
}

void write_summary(JsonWriter& out, const RunSummary& run) {
    out.begin_object().member("run_id", run.id.value).member("status", to_string(run.status));
    if (run.exit_code) {
        out.member("exit_code", *run.exit_code);
    }
    if (run.exit_class) {
        out.member("exit_class", to_string(*run.exit_class));
    }
    write_time(out, "queued_at", run.queued_at);
    write_time(out, "started_at", run.started_at);
    write_time(out, "finished_at", run.finished_at);
    out.end_object();
}

/// The filters as they were given: each name once, with the list of its values.
void write_filters(JsonWriter& out, const QueryParameters& parameters) {
    constexpr std::string_view others[] = {"limit", "offset", "sort_by", "order", "env", "after"};
    std::vector<std::string_view> written(std::begin(others), std::end(others));
    for (const auto& [name, first_value] : parameters) {
        if (std::find(written.begin(), written.end(), name) != written.end()) {
            continue;
        }
        written.push_back(name);
        out.key(name).begin_list();
        for (const auto& [other_name, value] : parameters) {
            if (other_name == name) {
                out.text(value);
            }
        }
        out.end_list();
    }
}

void write_echo(JsonWriter& out, const QueryParameters& parameters, const ListQuery& query) {
    out.key("env_filters").begin_object();
    for (const EnvVar& filter : query.env_filters) {
        out.member(filter.name, filter.value);
    }
    out.end_object();
    out.member("limit", query.limit)
        .member("offset", query.offset)
        .member("order", query.descending ? "desc" : "asc")
        .member("sort_by", query.sort_by->name);
    write_filters(out, parameters);
}

template <typename Item, typename WriteItem>
std::string list_json(std::string_view name, const Page<Item>& page, const QueryParameters& parameters,
                      const ListQuery& query, WriteItem write_item) {
    JsonWriter out;
    out.begin_object().key(name).begin_list();
    for (const Item& item : page.items) {
        write_item(out, item);
    }
    out.end_list();
    write_echo(out, parameters, query);
    out.member("total", page.total);
    if (page.total_is_estimate) {
        out.key("total_is_estimate").boolean(true);
    }
    out.member_unless_empty("next", page.next).end_object();
    return out.finish();
}

std::string name_list_json(std::string_view name, const Page<std::string>& page, const NameQuery& query) {
    JsonWriter out;
    out.begin_object().key(name);
    write_texts(out, page.items);
    out.member("limit", query.limit).member("offset", query.offset).member("total", page.total).end_object();
    return out.finish();
}

}  // namespace

std::string definition_json(const Definition& definition) {
    JsonWriter out;
    write_definition(out, definition);
    return out.finish();
}

std::string run_json(const Run& run, std::string_view waiting_for) {
    JsonWriter out;
    out.begin_object();
    write_members(out, run);
    out.member_unless_empty("waiting_for", waiting_for).end_object();
    return out.finish();
}

std::string run_events_json(const std::vector<RunEvent>& events) {
    JsonWriter out;
    out.begin_object().key("events").begin_list();
    for (const RunEvent& event : events) {
        out.begin_object()
            .member("at", to_rfc3339(event.at))
            .member("attempt", event.attempt)
            .member("kind", to_string(event.kind))
            .member("message", event.message)
            .end_object();
    }
    out.end_list().end_object();
    return out.finish();
}

std::string definition_list_json(const Page<Definition>& page, const QueryParameters& parameters,
                                 const ListQuery& query) {
    return list_json("definitions", page, parameters, query, write_definition);
}

std::string run_list_json(const Page<Run>& page, const QueryParameters& parameters, const ListQuery& query) {
    return list_json("history", page, parameters, query, write_run);
}

std::string group_list_json(const Page<std::string>& page, const NameQuery& query) {
    return name_list_json("groups", page, query);
}

std::string tag_list_json(const Page<std::string>& page, const NameQuery& query) {
    return name_list_json("tags", page, query);
}

std::string recent_runs_json(const std::vector<RunSummary>& runs) {
    JsonWriter out;
    out.begin_object().key("recent_runs").begin_object();
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (i == 0 || runs[i].definition != runs[i - 1].definition) {
            out.key(runs[i].definition.value).begin_list();
        }
        write_summary(out, runs[i]);
        if (i + 1 == runs.size() || runs[i].definition != runs[i + 1].definition) {
            out.end_list();
        }
    }
    out.end_object().end_object();
    return out.finish();
}

std::string image_list_json(const std::vector<KnownImage>& images) {
    JsonWriter out;
    out.begin_object().key("images").begin_list();
    for (const KnownImage& image : images) {
        out.begin_object().member("name", image.name).key("at_hand").boolean(image.is_at_hand).end_object();
    }
    out.end_list().end_object();
    return out.finish();
}

std::string cluster_list_json(const std::vector<std::string>& names) {
    JsonWriter out;
    out.begin_object().key("clusters");
    write_texts(out, names);
    out.end_object();
    return out.finish();
}

std::string log_json(std::string_view text, std::string_view last_seen, bool may_grow) {
    JsonWriter out;
    out.begin_object().member_unless_empty("last_seen", last_seen).member("log", text);
    if (may_grow) {
        out.key("may_grow").boolean(true);
    }
    out.end_object();
    return out.finish();
}

std::string log_lines_json(int attempt, std::int64_t first, std::int64_t total,
                           const std::vector<std::string>& lines, std::string_view unfinished,
                           std::string_view last_seen) {
    JsonWriter out;
    out.begin_object().member("attempt", attempt).member("first", first).member("total", total);
    out.member_unless_empty("last_seen", last_seen).key("lines");
    write_texts(out, lines);
    out.member_unless_empty("unfinished", unfinished).end_object();
    return out.finish();
}

std::string log_matches_json(const std::vector<std::int64_t>& lines, std::int64_t total) {
    JsonWriter out;
    out.begin_object().member("total", total).key("lines").begin_list();
    for (const std::int64_t line : lines) {
        out.integer(line);
    }
    out.end_list().end_object();
    return out.finish();
}

std::string joined_lines_json(std::string_view lines) {
    JsonWriter out;
    out.begin_list();
    for (auto end = lines.find('\n'); end != std::string_view::npos; end = lines.find('\n')) {
        out.text(lines.substr(0, end));
        lines.remove_prefix(end + 1);
    }
    out.text(lines).end_list();
    return out.finish();
}

std::string text_json(std::string_view text) {
    JsonWriter out;
    out.text(text);
    return out.finish();
}

std::string attempt_began_json(int number) {
    JsonWriter out;
    out.begin_object().member("number", number).end_object();
    return out.finish();
}

std::string log_ended_json(RunStatus status, std::optional<int> exit_code) {
    JsonWriter out;
    out.begin_object().member("status", to_string(status));
    if (exit_code) {
        out.member("exit_code", *exit_code);
    }
    out.end_object();
    return out.finish();
}

std::string done_json(std::string_view name) {
    JsonWriter out;
    out.begin_object().key(name).boolean(true).end_object();
    return out.finish();
}

std::string stopping_json(std::string_view waiting_for) {
    JsonWriter out;
    out.begin_object().key("terminated").boolean(true);
    out.member_unless_empty("waiting_for", waiting_for).end_object();
    return out.finish();
}

std::string whoami_json(std::string_view name, std::string_view auth_mode) {
    JsonWriter out;
    out.begin_object().member("name", name).member("auth_mode", auth_mode).end_object();
    return out.finish();
}

std::string error_json(std::string_view message) {
    JsonWriter out;
    out.begin_object().member("error", message).end_object();
    return out.finish();
}

}  // namespace flotilla
