#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/env.hpp"
#include "core/id.hpp"
#include "core/labels.hpp"
#include "core/run_limits.hpp"
#include "core/run_status.hpp"

namespace flotilla {

/// The host that an attempt runs on, as far as it is known.
struct Instance {
    std::string id;
    std::string dns_name;
};

/// What an attempt used of its host, as far as its engine knows.
struct ResourceUse {
    std::optional<std::int64_t> max_memory{};  ///< MiB, at its highest
    std::optional<std::int64_t> max_cpu{};     ///< 1/1000 of a core, at its highest
    std::optional<std::chrono::microseconds> cpu_time{};
    bool operator==(const ResourceUse&) const = default;
};

/// The host of attempts that run on none of the servers' hosts: every server may follow them.
inline constexpr const char* no_servers_host = "elsewhere";

/// One try at a run. It is named `<run_id>.<number>` at the engine.
struct Attempt {
    int number = 1;  ///< from 1
    AttemptPhase phase = AttemptPhase::waiting;
    std::string handle;  ///< the engine's own name for it; empty until it was submitted
    std::string host{};  ///< the id of the host whose server has it; empty while it waits
    Instance instance;
    TimePoint queued_at;
    std::optional<TimePoint> submitted_at{};  ///< when its engine was asked, or took it
    std::optional<TimePoint> started_at;
    std::optional<TimePoint> timed_out_at{};  ///< when it had run for longer than it may; it is ended then
    std::optional<TimePoint> finished_at;
    std::optional<int>
        exit_code;  ///< none while it is alive, or if it never ran, or if its outcome is unknown
    std::optional<ExitClass> exit_class;
    std::string exit_reason;  ///< one sentence for people; empty while it is alive
    ResourceUse use{};        ///< nothing is known while it is alive
};

/// What is run: the run's own copy, so that editing a definition never changes a run.
struct RunSpec {
    std::string image;
    std::string command;
    std::int64_t memory = 0;          ///< MiB
    std::optional<std::int64_t> cpu;  ///< 1/1000 of a core
    std::optional<std::int64_t> gpu;  ///< how many GPUs
    Env definition_env;
    std::vector<int> ports;
    std::string container_user;  ///< empty: the image's
    std::string image_digest{};  ///< `sha256:...`: what `image` meant when the run was made; empty: unknown
    std::vector<std::string> secrets{};  ///< names; values are known to the server's configuration alone
    RunLimits limits{};
};

/// One execution of a definition.
struct Run {
    RunId id;
    DefinitionId definition_id;
    std::string alias;
    std::string group_name;
    std::string cluster;
    std::string engine;
    std::string owner;
    std::string executed_by{};  ///< who sent the call; empty: nobody known
    std::string description{};
    Labels labels{};
    RunSpec spec;
    Env env;                       ///< reserved variables first, then the caller's
    std::string definition_arn{};  ///< its engine's object for the definition that it was made of; or empty
    std::string engine_request{};  ///< what its engine has to be asked, in the engine's own words; or empty
    /// Where its log is, as the reader of its engine's logs knows it; empty: where the configuration says.
    std::string log_location{};
    RunStatus status = RunStatus::queued;
    TimePoint queued_at;
    Attempt attempt;                        ///< the current one
    std::vector<Attempt> earlier_attempts;  ///< oldest first, each ended
    std::optional<TimePoint> retry_at;      ///< when the next attempt may begin, while `needs_retry`
    std::optional<TimePoint> stop_requested_at;
    std::string stopped_by;
    std::string idempotence_key{};  ///< its definition has no other run of that key for days; empty: none

    /// Known and final: what everybody sees as the exit code.
    [[nodiscard]] std::optional<int> shown_exit_code() const {
        return status == RunStatus::stopped ? attempt.exit_code : std::nullopt;
    }
    [[nodiscard]] std::optional<TimePoint> shown_finished_at() const {
        return status == RunStatus::stopped ? attempt.finished_at : std::nullopt;
    }
    /// Whether its container has to go: somebody asked for a stop, its time is up, or its outcome is settled
    /// already.
    [[nodiscard]] bool is_unwanted() const {
        return stop_requested_at || attempt.timed_out_at || status == RunStatus::stopped ||
               status == RunStatus::needs_retry;
    }
};

/// What a run was made of: runs of one definition have it in common, unless the definition was changed
/// between them and their engine has an object for each change.
struct Revision {
    DefinitionId definition;
    std::string arn;  ///< `Run::definition_arn`
    auto operator<=>(const Revision&) const = default;
};
[[nodiscard]] inline Revision revision_of(const Run& run) {
    return {run.definition_id, run.definition_arn};
}

/// Where a run stands: what changes of it are told by.
struct RunState {
    RunStatus status = RunStatus::queued;
    AttemptPhase phase = AttemptPhase::waiting;
    int attempt = 1;
    bool has_started = false;  ///< the process of this attempt
    bool operator==(const RunState&) const = default;
};
[[nodiscard]] inline RunState state_of(const Run& run) {
    return {run.status, run.attempt.phase, run.attempt.number, run.attempt.started_at.has_value()};
}

}  // namespace flotilla
