#include "engine/submitted_task.hpp"

#include <boost/json.hpp>

#include "base/file.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

json::array env_to_json(const Env& env) {
    json::array list;
    for (const EnvVar& variable : env) {
        list.push_back(json::array{json::string(variable.name), json::string(variable.value)});
    }
    return list;
}

std::string text_of(const json::value& value) {
    return json::value_to<std::string>(value);
}

Env env_from_json(const json::value& value) {
    Env env;
    for (const json::value& variable : value.as_array()) {
        env.push_back({text_of(variable.at(0)), text_of(variable.at(1))});
    }
    return env;
}

}  // namespace

std::string current_boot_id() {
    return read_file("/proc/sys/kernel/random/boot_id").value_or("");
}

std::string to_json(const SubmittedTask& submitted) {
    const Task& task = submitted.task;
    json::object object;
    object["run_id"] = task.name.run.value;
    object["attempt"] = task.name.number;
    object["cluster"] = submitted.cluster;
    object["boot_id"] = submitted.boot_id;
    object["image"] = task.image;
    object["image_digest"] = task.image_digest;
    object["command"] = task.command;
    object["env"] = env_to_json(task.env);
    object["memory"] = task.memory;
    if (task.cpu) {
        object["cpu"] = *task.cpu;
    }
    if (task.gpu) {
        object["gpu"] = *task.gpu;
    }
    if (!submitted.gpus.empty()) {
        object["gpus"] = json::array(submitted.gpus.begin(), submitted.gpus.end());
    }
    object["ports"] = json::array(task.ports.begin(), task.ports.end());
    object["user"] = task.user;
    object["secrets"] = json::array(task.secrets.begin(), task.secrets.end());
    return json::serialize(object);
}

std::optional<SubmittedTask> parse_submitted_task(const std::string& text) {
    try {
        const json::object object = json::parse(text).as_object();
        SubmittedTask submitted;
        Task& task = submitted.task;
        task.name = {{text_of(object.at("run_id"))}, object.at("attempt").to_number<int>()};
        submitted.cluster = text_of(object.at("cluster"));
        submitted.boot_id = text_of(object.at("boot_id"));
        task.image = text_of(object.at("image"));
        task.command = text_of(object.at("command"));
        task.env = env_from_json(object.at("env"));
        task.memory = object.at("memory").to_number<std::int64_t>();
        if (const json::value* const cpu = object.if_contains("cpu")) {
            task.cpu = cpu->to_number<std::int64_t>();
        }
        if (const json::value* const gpu = object.if_contains("gpu")) {
            task.gpu = gpu->to_number<std::int64_t>();
        }
        if (const json::value* const gpus = object.if_contains("gpus")) {
            submitted.gpus = json::value_to<std::vector<int>>(*gpus);
        }
        task.ports = json::value_to<std::vector<int>>(object.at("ports"));
        task.user = text_of(object.at("user"));
        // An earlier version did not write these.
        if (const json::value* const digest = object.if_contains("image_digest")) {
            task.image_digest = text_of(*digest);
        }
        if (const json::value* const secrets = object.if_contains("secrets")) {
            task.secrets = json::value_to<std::vector<std::string>>(*secrets);
        }
        return submitted;
    } catch (const std::exception&) {
        return std::nullopt;  // cut short by a power failure
    }
}

}  // namespace flotilla
