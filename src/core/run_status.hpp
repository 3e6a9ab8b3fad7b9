#pragma once

#include <optional>
#include <string_view>

namespace flotilla {

/// The status of a run as everybody sees it.
enum class RunStatus {
    queued,       ///< accepted, durable, waits for a place on its cluster
    pending,      ///< handed to the engine: image pull, placement, container start
    running,      ///< the process runs; logs are readable
    stopped,      ///< finished for good
    needs_retry,  ///< the attempt ended for a cause outside the job; waits for its back-off
};

/// `QUEUED`, `PENDING`, `RUNNING`, `STOPPED`, `NEEDS_RETRY`.
[[nodiscard]] std::string_view to_string(RunStatus status);
[[nodiscard]] std::optional<RunStatus> parse_run_status(std::string_view text);

/// Within an attempt status only moves forward: QUEUED < PENDING < RUNNING < STOPPED. STOPPED is final.
[[nodiscard]] bool may_follow(RunStatus from, RunStatus to);

/// Why an attempt ended.
enum class ExitClass {
    completed,          ///< exit code 0
    job_failed,         ///< any other exit code
    out_of_memory,      ///< killed by its memory limit
    stopped_by_user,    ///< ended after a stop request
    timed_out,          ///< ran longer than it may
    queue_timed_out,    ///< waited longer than it may
    image_not_found,    ///< the image does not exist or may not be read
    image_unavailable,  ///< the image could not be had now
    start_failed,       ///< the container could not be created or started
    host_lost,          ///< its host went away, or its container without a trace
    engine_error,       ///< the engine failed in some other way
    rejected,           ///< the engine refused it for good
};

/// The name in snake_case, as the API has it.
[[nodiscard]] std::string_view to_string(ExitClass exit_class);
[[nodiscard]] std::optional<ExitClass> parse_exit_class(std::string_view text);

/// Whether the platform is to blame, so that another attempt may mend it.
[[nodiscard]] bool is_transient(ExitClass exit_class);

/// Where an attempt stands with its engine, which a job's own report may run ahead of.
enum class AttemptPhase {
    waiting,     ///< not yet handed to the engine
    submitting,  ///< the intent is written; the engine may or may not have it
    pending,     ///< the engine has it
    running,     ///< its process runs
    ended,       ///< nothing of it is alive
};

[[nodiscard]] std::string_view to_string(AttemptPhase phase);
[[nodiscard]] std::optional<AttemptPhase> parse_attempt_phase(std::string_view text);

/// Whether the engine may have something of it: it holds its place on the cluster.
[[nodiscard]] bool is_live(AttemptPhase phase);

}  // namespace flotilla
