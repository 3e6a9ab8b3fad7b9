#include "engine/ecs/task_state.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "engine/job_end.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

bool has_any(const std::string& text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return has(text, part); });
}

/// How far a task is, for what tells no version.
int rank(const std::string& status) {
    constexpr std::array<std::string_view, 9> order{"PROVISIONING",   "PENDING",      "ACTIVATING",
                                                    "RUNNING",        "DEACTIVATING", "STOPPING",
                                                    "DEPROVISIONING", "STOPPED",      "DELETED"};
    const auto found = std::find(order.begin(), order.end(), status);
    return found == order.end() ? -1 : static_cast<int>(found - order.begin());
}

std::string reason_in(const TaskState& state) {
    if (!state.container_reason.empty()) {
        return state.container_reason;
    }
    return state.stopped_reason.empty() ? "ECS gave no reason" : state.stopped_reason;
}

/// Whether a container did not start because its command cannot be executed; the same words tell of files of
/// the host where no `exec: "..."` is before them.
bool is_of_the_command(const std::string& reason) {
    return has(reason, "executable file not found") ||
           (has(reason, "exec: \"") && has_any(reason, {"no such file or directory", "permission denied"}));
}

/// Whether its host went away, or AWS took it back.
bool lost_its_host(const TaskState& state) {
    return has_any(state.stop_code, {"SpotInterruption", "TerminationNotice"}) ||
           has_any(state.container_reason + " " + state.stopped_reason,
                   {"Host EC2", "Spot Task was interrupted", "Container instance"});
}

/// Of a task that has stopped and whose container has no exit code; see
/// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
ExitClass class_of(const TaskState& state) {
    const std::string reason = state.container_reason + " " + state.stopped_reason;
    if (has_any(reason, {"CannotPullContainerError", "CannotPullECRContainerError"})) {
        return has_any(reason,
                       {"not found", "manifest unknown", "does not exist", "access denied", "pull access",
                        "unauthorized", "no basic auth", "403 Forbidden", "AccessDenied", "invalid reference",
                        "no matching manifest", "does not contain descriptor matching platform"})
                   ? ExitClass::image_not_found
                   : ExitClass::image_unavailable;
    }
    if (has_any(reason, {"CannotCreateContainerError", "CannotStartContainerError"})) {
        return is_of_the_command(reason) || has(reason, "unable to find user") ? ExitClass::rejected
                                                                               : ExitClass::start_failed;
    }
    if (has_any(reason, {"OutOfMemoryError", "OutOfMemory"})) {
        return ExitClass::out_of_memory;
    }
    if (lost_its_host(state)) {
        return ExitClass::host_lost;
    }
    if (state.stop_code == "TaskFailedToStart" ||
        has_any(reason, {"DockerTimeoutError", "ContainerRuntimeTimeoutError", "ResourceInitializationError",
                         "InternalError", "CannotCreateVolumeError"})) {
        return ExitClass::start_failed;
    }
    return ExitClass::engine_error;
}

/// Whether somebody asked ECS to stop it.
bool was_stopped(const TaskState& state, bool is_stop_wanted) {
    return is_stop_wanted || state.stop_code == "UserInitiated";
}

/// Whether ECS stopped it because its container had ended.
bool ended_by_itself(const TaskState& state) {
    return state.stop_code == "EssentialContainerExited" ||
           state.stopped_reason.starts_with("Essential container in task exited");
}

Ended ended_without_code(const TaskState& state, bool is_stop_wanted, TimePoint at) {
    const ExitClass exit_class =
        was_stopped(state, is_stop_wanted) ? ExitClass::stopped_by_user : class_of(state);
    return {.at = at,
            .exit_code = std::nullopt,
            .exit_class = exit_class,
            .reason = fmt::format(
                "{}: {}",
                state.started_at ? "the ECS task stopped without an exit code" : "the ECS task did not start",
                reason_in(state))};
}

Ended end_of(const TaskState& state, std::int64_t memory, bool is_stop_wanted, TimePoint at) {
    if (!state.exit_code) {
        return ended_without_code(state, is_stop_wanted, at);
    }
    JobEnd end;
    end.at = at;
    end.code = *state.exit_code;
    end.is_stopped = was_stopped(state, is_stop_wanted);
    end.memory = memory;
    if (has(state.container_reason, "OutOfMemory")) {
        end.killed_for_memory = "some of its processes were";
    }
    Ended ended = how_it_ended(end);
    // By which code it ended that way is chance: AWS sends SIGTERM, and then SIGKILL.
    if (ended.exit_class == ExitClass::job_failed && lost_its_host(state)) {
        ended.exit_class = ExitClass::host_lost;
    }
    if (end.code != 0 && !is_stop_wanted && !state.stopped_reason.empty() && !ended_by_itself(state)) {
        ended.reason += fmt::format("; ECS says: {}", state.stopped_reason);
    }
    return ended;
}

/// The job's own: it bears the name of its family. AWS may put others beside it, and overrides for them.
/// Null: there is none yet.
const json::object* job_container(const json::object& task) {
    const std::string revision = aws::name_in_arn(aws::text(task, "taskDefinitionArn"));
    const std::string family = revision.substr(0, revision.rfind(':'));
    const auto& containers = aws::list(task, "containers");
    for (const json::value& container : containers) {
        if (aws::text(aws::object(container), "name") == family) {
            return &aws::object(container);
        }
    }
    return containers.empty() ? nullptr : &aws::object(containers.front());
}

}  // namespace

std::string started_by(const AttemptName& name) {
    return fmt::format("{}{}/{}", started_by_prefix, name.run.value, name.number);
}

std::optional<AttemptName> parse_started_by(const std::string& text) {
    const auto slash = text.rfind('/');
    if (!text.starts_with(started_by_prefix) || slash < started_by_prefix.size() + 1) {
        return std::nullopt;
    }
    int number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, number);
    if (error != std::errc{} || rest != end || number < 1) {
        return std::nullopt;
    }
    return AttemptName{{text.substr(started_by_prefix.size(), slash - started_by_prefix.size())}, number};
}

std::optional<TaskState> parse_task(const json::object& task) {
    const auto name = parse_started_by(aws::text(task, "startedBy"));
    TaskState state{.name = name.value_or(AttemptName{}),
                    .arn = aws::text(task, "taskArn"),
                    .cluster_arn = aws::text(task, "clusterArn"),
                    .container_instance = aws::text(task, "containerInstanceArn"),
                    .last_status = aws::text(task, "lastStatus"),
                    .version = aws::integer(task, "version").value_or(0)};
    if (!name || state.arn.empty() || rank(state.last_status) < 0) {
        return std::nullopt;
    }
    if (const json::object* const found = job_container(task)) {
        const json::object& container = *found;
        if (const auto code = aws::integer(container, "exitCode")) {
            state.exit_code = static_cast<int>(*code);
        }
        state.container_reason = aws::text(container, "reason");
    }
    state.stop_code = aws::text(task, "stopCode");
    state.stopped_reason = aws::text(task, "stoppedReason");
    state.started_at = aws::time(task, "startedAt");
    state.stopped_at = aws::time(task, "stoppedAt");
    return state;
}

bool is_newer(const TaskState& news, const TaskState& known) {
    if (known.has_stopped()) {
        return news.has_stopped() && !known.exit_code && news.exit_code.has_value();
    }
    if (news.version > 0 && known.version > 0) {
        return news.version > known.version;
    }
    return rank(news.last_status) > rank(known.last_status);
}

Observation observation_of(const TaskState& state, const Instance& instance, std::int64_t memory,
                           bool is_stop_wanted, TimePoint now) {
    if (state.has_stopped()) {
        Ended end = end_of(state, memory, is_stop_wanted, state.stopped_at.value_or(now));
        end.handle = state.arn;
        const bool has_run = state.started_at || state.exit_code;
        if (has_run) {
            end.started = Started{std::min(state.started_at.value_or(end.at), end.at), instance, state.arn};
        }
        return end;
    }
    if (state.started_at || state.last_status == "RUNNING") {
        return Started{state.started_at.value_or(now), instance, state.arn};
    }
    if (rank(state.last_status) > rank("RUNNING")) {  // so is a task taken down that could not start
        return NotStarted{"the end of its ECS task, which did not start"};
    }
    return NotStarted{state.last_status == "PROVISIONING"
                          ? "a place on the ECS cluster"
                          : "the pull of its image and the start of its container"};
}

}  // namespace flotilla
