#include "wire/answers.hpp"

#include <algorithm>
#include <optional>

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
    if (!definition.tags.empty()) {
        out.key("tags");
        write_texts(out, definition.tags);
    }
    out.end_object();
}

/// Why the shown attempt ended; empty while that is not settled.
std::string_view shown_reason(const Run& run) {
    const bool ended = run.status == RunStatus::stopped || run.status == RunStatus::needs_retry;
    return ended ? std::string_view(run.attempt.exit_reason) : std::string_view();
}

void write_run(JsonWriter& out, const Run& run) {
    out.begin_object();
    out.key("instance")
        .begin_object()
        .member("dns_name", run.attempt.instance.dns_name)
        .member("instance_id", run.attempt.instance.id)
        .end_object();
    out.member("task_arn", run.attempt.handle)
        .member("run_id", run.id.value)
        .member("definition_id", run.definition_id.value)
        .member("alias", run.alias)
        .member("image", run.spec.image)
        .member("cluster", run.cluster);
    if (const auto exit_code = run.shown_exit_code()) {
        out.member("exit_code", *exit_code);
    }
    out.member("status", to_string(run.status));
    write_time(out, "started_at", run.attempt.started_at);
    write_time(out, "finished_at", run.shown_finished_at());
    out.member("group_name", run.group_name)
        .member_unless_empty("user", run.owner)
        .member_unless_empty("exit_reason", shown_reason(run));
    write_env(out, run.env);
    out.end_object();
}

/// The filters as they were given: each name once, with the list of its values.
void write_filters(JsonWriter& out, const QueryParameters& parameters) {
    constexpr std::string_view others[] = {"limit", "offset", "sort_by", "order", "env"};
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
    out.member("total", page.total).end_object();
    return out.finish();
}

std::string name_list_json(std::string_view name, const Page<std::string>& page, const NameQuery& query) {
    JsonWriter out;
    out.begin_object().key(name);
    write_texts(out, page.items);
    out.member("limit", query.limit).member("offset", query.offset).member("total", page.total).end_object();
    return out.finish();
}

std::string status_json(std::string_view status) {
    JsonWriter out;
    out.begin_object().member("status", status).end_object();
    return out.finish();
}

}  // namespace

std::string definition_json(const Definition& definition) {
    JsonWriter out;
    write_definition(out, definition);
    return out.finish();
}

std::string run_json(const Run& run) {
    JsonWriter out;
    write_run(out, run);
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

std::string cluster_list_json(const std::vector<std::string>& names) {
    JsonWriter out;
    out.begin_object().key("clusters");
    write_texts(out, names);
    out.end_object();
    return out.finish();
}

std::string log_json(std::string_view text, std::string_view last_seen) {
    JsonWriter out;
    out.begin_object().member_unless_empty("last_seen", last_seen).member("log", text).end_object();
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

std::string health_json() {
    return status_json("ok");
}

std::string ready_json() {
    return status_json("ready");
}

}  // namespace flotilla
