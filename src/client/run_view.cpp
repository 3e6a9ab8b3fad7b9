#include "client/run_view.hpp"

#include <boost/json.hpp>

#include "base/time_text.hpp"
#include "client/json_text.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

std::optional<TimePoint> time_member(const json::object& object, std::string_view name) {
    return parse_time(text_member(object, name));
}

std::optional<int> integer_member(const json::object& object, std::string_view name) {
    const auto* const member = object.if_contains(name);
    const auto* const number = member != nullptr ? member->if_int64() : nullptr;
    return number != nullptr ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

Env env_member(const json::object& object) {
    Env env;
    const auto* const member = object.if_contains("env");
    const auto* const list = member != nullptr ? member->if_array() : nullptr;
    if (list != nullptr) {
        for (const auto& element : *list) {
            if (const auto* const variable = element.if_object()) {
                env.push_back({std::string(text_member(*variable, "name")),
                               std::string(text_member(*variable, "value"))});
            }
        }
    }
    return env;
}

RunView run_of(const json::object& object) {
    RunView run;
    run.id = text_member(object, "run_id");
    run.definition_id = text_member(object, "definition_id");
    run.alias = text_member(object, "alias");
    run.group_name = text_member(object, "group_name");
    run.image = text_member(object, "image");
    run.cluster = text_member(object, "cluster");
    run.status = text_member(object, "status");
    run.exit_code = integer_member(object, "exit_code");
    run.exit_reason = text_member(object, "exit_reason");
    run.waiting_for = text_member(object, "waiting_for");
    run.owner = text_member(object, "user");
    run.task_arn = text_member(object, "task_arn");
    const auto* const instance = object.if_contains("instance");
    if (instance != nullptr && instance->is_object()) {
        run.instance_id = text_member(instance->get_object(), "instance_id");
        run.dns_name = text_member(instance->get_object(), "dns_name");
    }
    run.queued_at = time_member(object, "queued_at");
    run.started_at = time_member(object, "started_at");
    run.finished_at = time_member(object, "finished_at");
    run.env = env_member(object);
    return run;
}

}  // namespace

RunView read_run(std::string_view text) {
    return run_of(parse_answer(text));
}

std::vector<RunView> read_runs(std::string_view text) {
    const auto answer = parse_answer(text);
    const auto* const history = answer.if_contains("history");
    std::vector<RunView> runs;
    if (history != nullptr && history->is_array()) {
        for (const auto& element : history->get_array()) {
            if (const auto* const run = element.if_object()) {
                runs.push_back(run_of(*run));
            }
        }
    }
    return runs;
}

}  // namespace flotilla
