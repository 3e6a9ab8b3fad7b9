#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "engine/engine.hpp"

namespace flotilla {

/// Of a task that ECS does not know, or no more.
constexpr const char* unknown_task = "ECS no longer knows its task";

/// An ECS task of one attempt, as an event or DescribeTasks shows it. See
/// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
struct TaskState {
    AttemptName name;
    std::string arn;
    std::string cluster_arn;
    std::string container_instance;  ///< its ARN; empty on Fargate, or while it has none
    std::string last_status;         ///< `PROVISIONING`, `PENDING`, `RUNNING`, `STOPPED`, ...
    std::int64_t version = 0;        ///< grows with each change; 0: not told
    std::optional<int> exit_code{};
    std::string container_reason{};
    std::string stop_code{};
    std::string stopped_reason{};
    std::optional<TimePoint> started_at{};
    std::optional<TimePoint> stopped_at{};

    /// `DELETED` is what becomes of one that has stopped. See
    /// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
    [[nodiscard]] bool has_stopped() const { return last_status == "STOPPED" || last_status == "DELETED"; }
};

/// What `started_by` begins with.
constexpr std::string_view started_by_prefix = "flotilla/";
/// By which a task says whose it is: `flotilla/<run_id>/<attempt>`.
[[nodiscard]] std::string started_by(const AttemptName& name);
/// Nothing if `text` was not made by `started_by`.
[[nodiscard]] std::optional<AttemptName> parse_started_by(const std::string& text);

/// A task as events and answers describe it; nothing if it is not one of ours, or says too little.
[[nodiscard]] std::optional<TaskState> parse_task(const boost::json::object& task);

/// Whether `news` is newer than `known`. A task that has stopped stays so.
[[nodiscard]] bool is_newer(const TaskState& news, const TaskState& known);

/// What is known of a task by its state, seen at `now`. `memory` is its limit in MiB, 0: not known;
/// `is_stop_wanted`: it was asked to end.
[[nodiscard]] Observation observation_of(const TaskState& state, const Instance& instance,
                                         std::int64_t memory, bool is_stop_wanted, TimePoint now);

}  // namespace flotilla
