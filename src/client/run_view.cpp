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

/// The elements of a list; none if the member is absent or something else.
const json::array& list_member(const json::object& object, std::string_view name) {
    static const json::array none;
    const auto* const member = object.if_contains(name);
    const auto* const list = member != nullptr ? member->if_array() : nullptr;
    return list != nullptr ? *list : none;
}

Env env_member(const json::object& object) {
    Env env;
    for (const auto& element : list_member(object, "env")) {
        if (const auto* const variable = element.if_object()) {
            env.push_back(
                {std::string(text_member(*variable, "name")), std::string(text_member(*variable, "value"))});
        }
    }
    return env;
}

Labels labels_member(const json::object& object) {
    Labels labels;
    const auto* const member = object.if_contains("labels");
    const auto* const members = member != nullptr ? member->if_object() : nullptr;
    if (members != nullptr) {
        for (const auto& label : *members) {
            labels.emplace(label.key(), text_member(*members, label.key()));
        }
    }
    return labels;
}

std::vector<std::string> texts_member(const json::object& object, std::string_view name) {
    std::vector<std::string> texts;
    for (const auto& element : list_member(object, name)) {
        if (const auto* const text = element.if_string()) {
            texts.emplace_back(*text);
        }
    }
    return texts;
}

AttemptView attempt_of(const json::object& object) {
    AttemptView attempt;
    attempt.number = integer_member(object, "number").value_or(0);
    attempt.status = text_member(object, "status");
    attempt.exit_code = integer_member(object, "exit_code");
    attempt.exit_class = text_member(object, "exit_class");
    attempt.exit_reason = text_member(object, "exit_reason");
    attempt.started_at = time_member(object, "started_at");
    attempt.finished_at = time_member(object, "finished_at");
    return attempt;
}

std::optional<RetryView> retry_member(const json::object& object) {
    const auto* const member = object.if_contains("retry");
    const auto* const policy = member != nullptr ? member->if_object() : nullptr;
    if (policy == nullptr) {
        return std::nullopt;
    }
    RetryView retry{.max_attempts = integer_member(*policy, "max_attempts").value_or(1),
                    .on = texts_member(*policy, "on"),
                    .backoff_seconds = integer_member(*policy, "backoff_seconds").value_or(0)};
    for (const auto& cause : list_member(*policy, "on")) {
        if (const auto* const code = cause.if_int64()) {
            retry.on.push_back(std::to_string(*code));
        }
    }
    return retry;
}

void read_spec(const json::object& object, RunView& run) {
    run.description = text_member(object, "description");
    run.labels = labels_member(object);
    run.image = text_member(object, "image");
    run.image_digest = text_member(object, "image_digest");
    run.command = text_member(object, "command");
    run.memory = integer_member(object, "memory");
    run.cpu = integer_member(object, "cpu");
    run.gpu = integer_member(object, "gpu");
    run.max_memory_used = integer_member(object, "max_memory_used");
    run.max_cpu_used = integer_member(object, "max_cpu_used");
    if (const auto* const seconds = object.if_contains("cpu_seconds");
        seconds != nullptr && seconds->is_number()) {
        run.cpu_seconds = seconds->to_number<double>();
    }
    run.secrets = texts_member(object, "secrets");
    run.timeout_seconds = integer_member(object, "timeout_seconds");
    run.queue_timeout_seconds = integer_member(object, "queue_timeout_seconds");
    run.retry = retry_member(object);
    run.idempotence_key = text_member(object, "idempotence_key");
    run.env = env_member(object);
}

void read_place(const json::object& object, RunView& run) {
    run.cluster = text_member(object, "cluster");
    run.engine = text_member(object, "engine");
    run.task_arn = text_member(object, "task_arn");
    const auto* const instance = object.if_contains("instance");
    if (instance != nullptr && instance->is_object()) {
        run.instance_id = text_member(instance->get_object(), "instance_id");
        run.dns_name = text_member(instance->get_object(), "dns_name");
    }
}

void read_state(const json::object& object, RunView& run) {
    run.status = text_member(object, "status");
    run.exit_code = integer_member(object, "exit_code");
    run.exit_class = text_member(object, "exit_class");
    run.exit_reason = text_member(object, "exit_reason");
    run.waiting_for = text_member(object, "waiting_for");
    run.stopped_by = text_member(object, "stopped_by");
    run.queued_at = time_member(object, "queued_at");
    run.started_at = time_member(object, "started_at");
    run.finished_at = time_member(object, "finished_at");
    run.retry_at = time_member(object, "retry_at");
    run.stop_requested_at = time_member(object, "stop_requested_at");
    for (const auto& element : list_member(object, "attempts")) {
        if (const auto* const attempt = element.if_object()) {
            run.attempts.push_back(attempt_of(*attempt));
        }
    }
}

RunView run_of(const json::object& object) {
    RunView run;
    run.id = text_member(object, "run_id");
    run.definition_id = text_member(object, "definition_id");
    run.alias = text_member(object, "alias");
    run.group_name = text_member(object, "group_name");
    run.owner = text_member(object, "user");
    run.executed_by = text_member(object, "executed_by");
    read_spec(object, run);
    read_place(object, run);
    read_state(object, run);
    return run;
}

}  // namespace

RunView read_run(std::string_view text) {
    return run_of(parse_answer(text));
}

std::vector<RunView> read_runs(std::string_view text) {
    const auto answer = parse_answer(text);
    std::vector<RunView> runs;
    for (const auto& run : list_member(answer, "history")) {
        if (const auto* const object = run.if_object()) {
            runs.push_back(run_of(*object));
        }
    }
    return runs;
}

}  // namespace flotilla
