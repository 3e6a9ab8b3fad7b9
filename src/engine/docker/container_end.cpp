#include "engine/docker/container_end.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "engine/job_end.hpp"

namespace flotilla {

namespace {

constexpr int terminated_code = 143;
/// What a daemon says of a container that ended while there was no daemon, of which it knows no code.
constexpr int unknown_code = 255;
constexpr int not_executable_code = 126;
constexpr int not_found_code = 127;
constexpr std::chrono::seconds just_started{1};

/// Whether the job was never executed, as the container's init could not: nothing else was written then.
bool is_init_failure(const ContainerRemains& remains) {
    const std::string& line = remains.last_log_line;
    return remains.state.exit_code != 0 && remains.is_only_log_line &&
           (line.starts_with("[FATAL tini (") || line.starts_with("exec /sbin/docker-init: "));
}

}  // namespace

bool may_be_the_daemons_doing(const ContainerState& state) {
    const int code = state.exit_code;
    // A daemon that ends takes the root folder away from what it has just started, which then finds no shell.
    const bool found_nothing = (code == not_executable_code || code == not_found_code) && state.started_at &&
                               state.finished_at && *state.finished_at - *state.started_at < just_started;
    return found_nothing || code == killed_code || code == terminated_code || code == unknown_code;
}

Ended how_it_ended(const ContainerRemains& remains) {
    const ContainerState& state = remains.state;
    const TimePoint at =
        std::max(state.finished_at.value_or(remains.found_at), state.started_at.value_or(TimePoint::min()));
    const bool has_cause = remains.is_stopped || state.is_out_of_memory;
    if (remains.daemon_was_away && !has_cause && may_be_the_daemons_doing(state)) {
        return {.at = at,
                .exit_code = {},
                .exit_class = ExitClass::host_lost,
                .reason = "the Docker daemon or its host went away and the job's container with it"};
    }
    if (is_init_failure(remains)) {
        return {.at = at,
                .exit_code = {},
                .exit_class = ExitClass::rejected,
                .reason = fmt::format("the image's shell cannot be executed: {}", remains.last_log_line)};
    }
    return how_it_ended(JobEnd{.at = at,
                               .code = state.exit_code,
                               .is_stopped = remains.is_stopped,
                               .killed_for_memory = state.is_out_of_memory ? "a process of it was" : "",
                               .memory = remains.memory,
                               .last_log_line = remains.may_quote_log ? remains.last_log_line : ""});
}

}  // namespace flotilla
