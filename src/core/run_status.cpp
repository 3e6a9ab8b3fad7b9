#include "core/run_status.hpp"

#include <array>

namespace flotilla {

namespace {

template <typename Enum, std::size_t count>
std::optional<Enum> parse_enum(std::string_view text, const std::array<Enum, count>& values) {
    for (const Enum value : values) {
        if (to_string(value) == text) {
            return value;
        }
    }
    return std::nullopt;
}

int rank(RunStatus status) {
    switch (status) {
        case RunStatus::queued:
            return 0;
        case RunStatus::pending:
            return 1;
        case RunStatus::running:
            return 2;
        case RunStatus::needs_retry:
            return 3;
        case RunStatus::stopped:
            return 4;
    }
    return 4;
}

}  // namespace

std::string_view to_string(RunStatus status) {
    switch (status) {
        case RunStatus::queued:
            return "QUEUED";
        case RunStatus::pending:
            return "PENDING";
        case RunStatus::running:
            return "RUNNING";
        case RunStatus::stopped:
            return "STOPPED";
        case RunStatus::needs_retry:
            return "NEEDS_RETRY";
    }
    return "";
}

std::optional<RunStatus> parse_run_status(std::string_view text) {
    return parse_enum(text, std::array{RunStatus::queued, RunStatus::pending, RunStatus::running,
                                       RunStatus::stopped, RunStatus::needs_retry});
}

bool may_follow(RunStatus from, RunStatus to) {
    return rank(to) > rank(from);
}

std::string_view to_string(ExitClass exit_class) {
    switch (exit_class) {
        case ExitClass::completed:
            return "completed";
        case ExitClass::job_failed:
            return "job_failed";
        case ExitClass::out_of_memory:
            return "out_of_memory";
        case ExitClass::stopped_by_user:
            return "stopped_by_user";
        case ExitClass::timed_out:
            return "timed_out";
        case ExitClass::queue_timed_out:
            return "queue_timed_out";
        case ExitClass::image_not_found:
            return "image_not_found";
        case ExitClass::image_unavailable:
            return "image_unavailable";
        case ExitClass::start_failed:
            return "start_failed";
        case ExitClass::host_lost:
            return "host_lost";
        case ExitClass::engine_error:
            return "engine_error";
        case ExitClass::rejected:
            return "rejected";
    }
    return "";
}

std::optional<ExitClass> parse_exit_class(std::string_view text) {
    return parse_enum(
        text, std::array{ExitClass::completed, ExitClass::job_failed, ExitClass::out_of_memory,
                         ExitClass::stopped_by_user, ExitClass::timed_out, ExitClass::queue_timed_out,
                         ExitClass::image_not_found, ExitClass::image_unavailable, ExitClass::start_failed,
                         ExitClass::host_lost, ExitClass::engine_error, ExitClass::rejected});
}

bool is_transient(ExitClass exit_class) {
    return exit_class == ExitClass::image_unavailable || exit_class == ExitClass::start_failed ||
           exit_class == ExitClass::host_lost;
}

std::string_view to_string(AttemptPhase phase) {
    switch (phase) {
        case AttemptPhase::waiting:
            return "waiting";
        case AttemptPhase::submitting:
            return "submitting";
        case AttemptPhase::pending:
            return "pending";
        case AttemptPhase::running:
            return "running";
        case AttemptPhase::ended:
            return "ended";
    }
    return "";
}

std::optional<AttemptPhase> parse_attempt_phase(std::string_view text) {
    return parse_enum(text, std::array{AttemptPhase::waiting, AttemptPhase::submitting, AttemptPhase::pending,
                                       AttemptPhase::running, AttemptPhase::ended});
}

bool is_live(AttemptPhase phase) {
    return phase != AttemptPhase::waiting && phase != AttemptPhase::ended;
}

}  // namespace flotilla
