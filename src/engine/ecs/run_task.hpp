#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "engine/ecs/task_state.hpp"
#include "engine/engine.hpp"
#include "net/aws/client.hpp"

namespace flotilla {

/// Starts a task; its ARN is the handle. Lack of room, a cluster that is not there and throttling are
/// `TryLater`, what AWS refuses for good is `Refused`. Throws `unavailable` where it is not known whether the
/// task was started: asked again with the same client token, ECS starts no other.
[[nodiscard]] SubmitOutcome run_task(AwsClient& aws, const std::string& cluster,
                                     const boost::json::object& input);

/// Asks a task to end. Throws `Error`.
void stop_task(AwsClient& aws, const std::string& cluster, const std::string& arn, const std::string& reason);
/// Whether ECS says that it does not know the task, or no more.
[[nodiscard]] bool is_unknown_task(const Error& error);

struct DescribedTasks {
    std::vector<TaskState> tasks;
    std::set<std::string> missing;  ///< ARNs that ECS does not know
};
/// At most 100 at once. Throws `Error`.
[[nodiscard]] DescribedTasks describe_tasks(AwsClient& aws, const std::string& cluster,
                                            std::span<const std::string> arns);

}  // namespace flotilla
