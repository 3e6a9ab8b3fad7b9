#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "engine/ecs/task_state.hpp"
#include "engine/engine.hpp"
#include "net/aws/client.hpp"

namespace flotilla {

/// Starts a task that needs so much; its ARN is the handle. A cluster that starts none and throttling are
/// `TryLater`, want of what the task asks for is `NoRoom`, what is amiss with this task definition alone is
/// `NotYet`, and what AWS refuses for good is `Refused`. Throws `AwsError` where that is for want of the task
/// definition or of the right, and `unavailable` where it is not known whether the task was started: asked
/// again with the same client token, ECS starts no other.
[[nodiscard]] SubmitOutcome run_task(AwsClient& aws, const std::string& cluster,
                                     const boost::json::object& input, const Needs& needs);

/// What to say where there is no cluster of that name, or none that is active.
[[nodiscard]] std::string no_cluster(const std::string& cluster);

/// Whether ECS says of a task definition that it is inactive, or not there.
[[nodiscard]] bool lacks_definition(const AwsError& error);

/// Asks a task to end. Throws `Error`.
void stop_task(AwsClient& aws, const std::string& cluster, const std::string& arn, const std::string& reason);
/// Why there is no such task, or no more, where that is what the error says.
[[nodiscard]] std::optional<std::string> why_missing(const Error& error, const std::string& cluster);

/// The ARNs of the attempt's tasks that have not ended. Throws `Error`. See
/// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
[[nodiscard]] std::vector<std::string> tasks_of(AwsClient& aws, const std::string& cluster,
                                                const AttemptName& name);

struct DescribedTasks {
    std::vector<TaskState> tasks;
    std::set<std::string> missing;  ///< ARNs that ECS does not know
};
/// At most 100 at once. Throws `Error`.
[[nodiscard]] DescribedTasks describe_tasks(AwsClient& aws, const std::string& cluster,
                                            std::span<const std::string> arns);

}  // namespace flotilla
