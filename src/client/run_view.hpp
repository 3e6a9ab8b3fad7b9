#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "core/env.hpp"
#include "core/labels.hpp"

namespace flotilla {

/// How its definition wants failures of its own to be tried again.
struct RetryView {
    int max_attempts = 1;
    std::vector<std::string> on;  ///< classes of outcomes and exit codes; empty: every failure of the job
    int backoff_seconds = 0;      ///< at most, before the second attempt
};

/// One attempt of a run as the API tells it.
struct AttemptView {
    int number = 0;
    std::string status;
    std::optional<int> exit_code;
    std::string exit_class;   ///< one word
    std::string exit_reason;  ///< one sentence
    std::optional<TimePoint> started_at;
    std::optional<TimePoint> finished_at;

    [[nodiscard]] bool is_stopped() const { return status == "STOPPED"; }
};

/// A run as the API tells it: what a server leaves out is absent or empty here.
struct RunView {
    std::string id;
    std::string definition_id;
    std::string alias;
    std::string group_name;
    std::string description;
    Labels labels;
    std::string image;
    std::string image_digest;
    std::string command;
    std::optional<int> memory;           ///< MiB
    std::optional<int> cpu;              ///< 1/1000 of a core
    std::optional<int> gpu;              ///< how many GPUs
    std::optional<int> max_memory_used;  ///< MiB
    std::optional<int> max_cpu_used;     ///< 1/1000 of a core
    std::optional<double> cpu_seconds;
    std::vector<std::string> secrets;
    std::optional<int> timeout_seconds;
    std::optional<int> queue_timeout_seconds;
    std::optional<RetryView> retry;
    std::string idempotence_key;
    std::string cluster;
    std::string engine;
    std::string status;  ///< `QUEUED`, `PENDING`, `RUNNING`, `STOPPED`, `NEEDS_RETRY`
    std::optional<int> exit_code;
    std::string exit_class;   ///< one word
    std::string exit_reason;  ///< one sentence
    std::string waiting_for;  ///< one sentence
    std::string owner;
    std::string executed_by;
    std::string stopped_by;
    std::string task_arn;
    std::string instance_id;
    std::string dns_name;
    std::optional<TimePoint> queued_at;
    std::optional<TimePoint> started_at;
    std::optional<TimePoint> finished_at;
    std::optional<TimePoint> retry_at;
    std::optional<TimePoint> stop_requested_at;
    Env env;
    std::vector<AttemptView> attempts;  ///< the oldest first

    [[nodiscard]] bool is_stopped() const { return status == "STOPPED"; }
};

/// Reads the answer for one run. Throws `unavailable` if it is none.
[[nodiscard]] RunView read_run(std::string_view json);

/// Reads the answer for a list of runs, in its order. Throws `unavailable` if it is none.
[[nodiscard]] std::vector<RunView> read_runs(std::string_view json);

}  // namespace flotilla
