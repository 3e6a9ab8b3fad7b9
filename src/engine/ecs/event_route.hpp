#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/ecs/account_clusters.hpp"
#include "net/aws/client.hpp"

namespace flotilla {

struct EventRouteOptions {
    std::string queue;  ///< the name of the SQS queue for the states of tasks
    std::string rule;   ///< the name of the EventBridge rule that sends them there
    std::chrono::seconds retention{604'800};
    std::chrono::seconds process_time{45};
    std::vector<std::string> clusters;  ///< whose tasks count
};

/// Has EventBridge send the state changes of tasks to the queue: makes what is missing of queue, rule, target
/// and the queue's policy. The URL of the queue. Throws `Error`.
[[nodiscard]] std::string make_event_route(AwsClient& aws, AccountClusters& clusters,
                                           const EventRouteOptions& options);

/// The URL of a queue, which is made with these attributes if it does not exist. Throws `Error`.
[[nodiscard]] std::string make_queue(AwsClient& aws, const std::string& name, std::chrono::seconds retention,
                                     std::chrono::seconds process_time);

}  // namespace flotilla
