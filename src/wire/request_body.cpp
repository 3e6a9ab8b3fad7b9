#include "wire/request_body.hpp"

#include <limits>

#include "base/error.hpp"
#include "wire/json_fields.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

EnvVar env_var_from(const json::value& value, const std::string& name) {
    const ObjectFields fields(value, name, {"name", "value"});
    return {fields.text("name").value_or(""), fields.text("value").value_or("")};
}

int int_from(const json::value& value, const std::string& name) {
    return static_cast<int>(
        integer_from(value, name, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

DefinitionFields definition_fields_from(const json::value& value) {
    const ObjectFields fields(
        value, "",
        {"definition_id", "arn", "container_name", "alias", "group_name", "image", "memory", "command", "env",
         "ports", "tags", "user", "cpu", "secrets", "description", "labels"});
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
        .secrets = fields.list("secrets", text_from),
        .description = fields.text("description"),
        .labels = fields.texts("labels"),
    };
}

RunTags run_tags_from(const json::value& value, const std::string& name) {
    const ObjectFields fields(value, name, {"owner_id", "owner_email", "team_name"});
    return {
        .owner_id = fields.text("owner_id").value_or(""),
        .owner_email = fields.text("owner_email").value_or(""),
        .team_name = fields.text("team_name").value_or(""),
    };
}

Overrides overrides_from(const ObjectFields& fields) {
    return {
        .memory = fields.integer("memory"),
        .command = fields.text("command"),
        .cpu = fields.integer("cpu"),
        .secrets = fields.list("secrets", text_from),
        .description = fields.text("description"),
        .labels = fields.texts("labels").value_or(Labels{}),
    };
}

}  // namespace

DefinitionFields new_definition_from_json(std::string_view body) {
    const ParsedBody parsed(body);
    return parsed.value().is_null() ? DefinitionFields{} : definition_fields_from(parsed.value());
}

DefinitionFields definition_update_from_json(std::string_view body) {
    const ParsedBody parsed(body);
    return definition_fields_from(parsed.value());
}

ExecuteBody execute_body_from_json(std::string_view body) {
    const ParsedBody parsed(body);
    const ObjectFields fields(
        parsed.value(), "",
        {"cluster", "env", "run_tags", "memory", "command", "cpu", "secrets", "description", "labels"});
    ExecuteBody execute;
    execute.cluster = fields.text("cluster");
    if (execute.cluster && execute.cluster->empty()) {
        execute.cluster.reset();
    }
    execute.env = fields.list("env", env_var_from).value_or(Env{});
    if (const auto* tags = fields.find("run_tags")) {
        execute.run_tags = run_tags_from(*tags, "run_tags");
    }
    execute.overrides = overrides_from(fields);
    return execute;
}

StatusBody status_body_from_json(std::string_view body) {
    const ParsedBody parsed(body);
    if (parsed.value().is_null()) {
        return {};
    }
    const ObjectFields fields(parsed.value(), "", {"status", "exit_code"});
    StatusBody report;
    report.status = fields.text("status").value_or("");
    if (const auto* exit_code = fields.find("exit_code")) {
        report.exit_code = int_from(*exit_code, "exit_code");
    }
    return report;
}

}  // namespace flotilla
