#pragma once

#include <string>
#include <vector>

#include "engine/ecs/account_clusters.hpp"
#include "net/aws/sqs_queue.hpp"

namespace flotilla {

/// Has EventBridge send the state changes of the tasks of these clusters to the queue, by a rule of that
/// name: makes what is missing of queue, rule, target and the queue's policy. Throws `Error`.
void make_event_route(AwsClient& aws, AccountClusters& clusters, SqsQueue& queue, const std::string& rule,
                      const std::vector<std::string>& cluster_names);

}  // namespace flotilla
