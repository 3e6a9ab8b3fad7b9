#include "wire/request_body.hpp"

#include <limits>

#include "wire/json_fields.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

EnvVar env_var_from(const json::value& value, const std::string& name, BodyMistakes& mistakes) {
    const ObjectFields fields(value, name, mistakes, {"name", "value"});
    return {fields.text("name").value_or(""), fields.text("value").value_or("")};
}

int int_from(const json::value& value, const std::string& name, BodyMistakes& mistakes) {
    return static_cast<int>(integer_from(value, name, mistakes, std::numeric_limits<int>::min(),
                                         std::numeric_limits<int>::max()));
}

RetryCause retry_cause_from(const json::value& value, const std::string& name, BodyMistakes& mistakes) {
    if (!value.is_string()) {
        return int_from(value, name, mistakes);
    }
    const auto text = text_from(value, name, mistakes);
    const auto exit_class = parse_exit_class(text);
    if (!exit_class) {
        mistakes.add("{}: [{}] is no exit class, such as job_failed, out_of_memory or timed_out", name, text);
    }
    return exit_class.value_or(ExitClass::job_failed);
}

RetryPolicy retry_from(const json::value& value, const std::string& name, BodyMistakes& mistakes) {
    const ObjectFields fields(value, name, mistakes, {"max_attempts", "on", "backoff_seconds"});
    RetryPolicy policy;
    if (const auto* most = fields.find("max_attempts")) {
        policy.max_attempts = int_from(*most, fields.name_of("max_attempts"), mistakes);
    } else {
        mistakes.add("int [{}] must be specified", fields.name_of("max_attempts"));
    }
    policy.on = fields.list("on", retry_cause_from).value_or(std::vector<RetryCause>{});
    policy.backoff_seconds = fields.integer("backoff_seconds").value_or(policy.backoff_seconds);
    return policy;
}

/// `active_deadline_seconds` is the timeout's name elsewhere.
RunLimits limits_from(const ObjectFields& fields, BodyMistakes& mistakes) {
    RunLimits limits;
    limits.timeout_seconds = fields.integer("timeout_seconds");
    const auto same = fields.integer("active_deadline_seconds");
    if (same && limits.timeout_seconds && same != limits.timeout_seconds) {
        mistakes.add("timeout_seconds and active_deadline_seconds are one setting, but they differ");
    }
    limits.timeout_seconds = limits.timeout_seconds ? limits.timeout_seconds : same;
    limits.queue_timeout_seconds = fields.integer("queue_timeout_seconds");
    if (const auto* retry = fields.find("retry")) {
        limits.retry = retry_from(*retry, fields.name_of("retry"), mistakes);
    }
    return limits;
}

DefinitionFields definition_fields_from(const json::value& value, BodyMistakes& mistakes) {
    const ObjectFields fields(value, "", mistakes,
                              {"definition_id",
                               "arn",
                               "container_name",
                               "alias",
                               "group_name",
                               "image",
                               "memory",
                               "command",
                               "env",
                               "ports",
                               "tags",
                               "user",
                               "cpu",
                               "gpu",
                               "secrets",
                               "description",
                               "labels",
                               "timeout_seconds",
                               "active_deadline_seconds",
                               "queue_timeout_seconds",
                               "retry"});
    return {
        .alias = fields.text("alias"),
        .group_name = fields.text("group_name"),
        .image = fields.text("image"),
        .memory = fields.integer("memory"),
        .command = fields.text("command"),
        .env = fields.list("env", env_var_from),
        .ports = fields.list("ports", int_from),
        .tags = fields.list("tags", text_from),
        .user = fields.text("user"),
        .cpu = fields.integer("cpu"),
        .gpu = fields.integer("gpu"),
        .secrets = fields.list("secrets", text_from),
        .description = fields.text("description"),
        .labels = fields.texts("labels"),
        .limits = limits_from(fields, mistakes),
    };
}

RunTags run_tags_from(const json::value& value, const std::string& name, BodyMistakes& mistakes) {
    const ObjectFields fields(value, name, mistakes, {"owner_id", "owner_email", "team_name"});
    return {
        .owner_id = fields.text("owner_id").value_or(""),
        .owner_email = fields.text("owner_email").value_or(""),
        .team_name = fields.text("team_name").value_or(""),
    };
}

Overrides overrides_from(const ObjectFields& fields, BodyMistakes& mistakes) {
    return {
        .memory = fields.integer("memory"),
        .command = fields.text("command"),
        .cpu = fields.integer("cpu"),
        .gpu = fields.integer("gpu"),
        .secrets = fields.list("secrets", text_from),
        .description = fields.text("description"),
        .labels = fields.texts("labels").value_or(Labels{}),
        .limits = limits_from(fields, mistakes),
    };
}

ExecuteBody execute_body_from(const json::value& value, BodyMistakes& mistakes) {
    const ObjectFields fields(
        value, "", mistakes,
        {"cluster", "env", "run_tags", "memory", "command", "cpu", "gpu", "secrets", "description", "labels",
         "timeout_seconds", "active_deadline_seconds", "queue_timeout_seconds", "retry", "idempotence_key"});
    ExecuteBody execute;
    execute.cluster = fields.text("cluster");
    if (execute.cluster && execute.cluster->empty()) {
        execute.cluster.reset();
    }
    execute.env = fields.list("env", env_var_from).value_or(Env{});
    if (const auto* tags = fields.find("run_tags")) {
        execute.run_tags = run_tags_from(*tags, "run_tags", mistakes);
    }
    execute.overrides = overrides_from(fields, mistakes);
    execute.idempotence_key = fields.text("idempotence_key").value_or("");
    return execute;
}

StatusBody status_body_from(const json::value& value, BodyMistakes& mistakes) {
    const ObjectFields fields(value, "", mistakes, {"status", "exit_code"});
    StatusBody report;
    report.status = fields.text("status").value_or("");
    if (const auto* exit_code = fields.find("exit_code")) {
        report.exit_code = int_from(*exit_code, "exit_code", mistakes);
    }
    return report;
}

std::string session_body_from(const json::value& value, BodyMistakes& mistakes) {
    const ObjectFields fields(value, "", mistakes, {"token"});
    auto token = fields.text("token");
    if (!token || token->empty()) {
        mistakes.add("string [token] must be specified");
    }
    return std::move(token).value_or("");
}

enum class NullBody { refused, as_empty_object };

/// What `read(value, mistakes)` makes of the body.
template <typename Body>
Body read_body(std::string_view text, NullBody null_body, Body (*read)(const json::value&, BodyMistakes&)) {
    const ParsedBody parsed(text);
    if (null_body == NullBody::as_empty_object && parsed.value().is_null()) {
        return {};
    }
    BodyMistakes mistakes;
    Body body = read(parsed.value(), mistakes);
    mistakes.throw_if_any();
    return body;
}

}  // namespace

DefinitionFields new_definition_from_json(std::string_view body) {
    return read_body(body, NullBody::as_empty_object, definition_fields_from);
}

DefinitionFields definition_update_from_json(std::string_view body) {
    return read_body(body, NullBody::refused, definition_fields_from);
}

ExecuteBody execute_body_from_json(std::string_view body) {
    return read_body(body, NullBody::refused, execute_body_from);
}

std::string session_body_from_json(std::string_view body) {
    return read_body(body, NullBody::as_empty_object, session_body_from);
}

StatusBody status_body_from_json(std::string_view body) {
    return read_body(body, NullBody::as_empty_object, status_body_from);
}

}  // namespace flotilla
