#include "engine/ecs/account_clusters.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/portions.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

constexpr std::size_t most_described = 100;

std::int64_t memory_of(const json::object& instance) {
    for (const json::value& resource : aws::list(instance, "registeredResources")) {
        if (aws::text(aws::object(resource), "name") == "MEMORY") {
            return aws::integer(aws::object(resource), "integerValue").value_or(0);
        }
    }
    return 0;
}

}  // namespace

std::vector<std::string> AccountClusters::list_all(const std::string& operation, json::object input,
                                                   std::string_view name) {
    std::vector<std::string> all;
    std::string next;
    do {
        if (!next.empty()) {
            input["nextToken"] = next;
        }
        const json::object answer = aws_.call(ecs_service, operation, input);
        for (const json::value& element : aws::list(answer, name)) {
            all.push_back(json::value_to<std::string>(element));
        }
        next = aws::text(answer, "nextToken");
    } while (!next.empty());
    return all;
}

std::vector<ClusterState> AccountClusters::describe(const std::vector<std::string>& clusters) {
    std::vector<ClusterState> states;
    in_portions(std::span(clusters), most_described, [&](std::span<const std::string> portion) {
        json::object input;
        input["clusters"] = aws::to_array(portion);
        const json::object answer = aws_.call(ecs_service, "DescribeClusters", input);
        for (const json::value& element : aws::list(answer, "clusters")) {
            const json::object& cluster = aws::object(element);
            states.push_back({aws::text(cluster, "clusterName"), aws::text(cluster, "clusterArn"),
                              aws::text(cluster, "status"),
                              aws::integer(cluster, "registeredContainerInstancesCount").value_or(0)});
        }
    });
    return states;
}

std::vector<std::string> AccountClusters::names() {
    std::vector<std::string> names;
    for (const ClusterState& cluster : describe(list_all("ListClusters", {}, "clusterArns"))) {
        if (cluster.status == "ACTIVE") {
            names.push_back(cluster.name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::int64_t> AccountClusters::largest_instance(const std::string& cluster) {
    constexpr std::chrono::minutes remembered{15};
    const auto now = clock_.elapsed();
    {
        auto largest = largest_.lock();
        const auto found = largest->find(cluster);
        if (found != largest->end() && now - found->second.asked_at < remembered) {
            return found->second.memory;
        }
    }
    try {
        const auto memory = optional_
                                .attempt("the check that a run fits on an instance of its cluster",
                                         [&] { return ask_largest(cluster); })
                                .value_or(std::nullopt);
        largest_.lock()->insert_or_assign(cluster, Largest{memory, now});
        return memory;
    } catch (const Error& error) {
        log_debug("the instances of cluster {} cannot be asked for: {}", cluster, error.what());
        return std::nullopt;
    }
}

std::optional<std::int64_t> AccountClusters::ask_largest(const std::string& cluster) {
    json::object input;
    input["cluster"] = cluster;
    input["status"] = "ACTIVE";
    std::int64_t largest = 0;
    const auto instances = list_all("ListContainerInstances", input, "containerInstanceArns");
    in_portions(std::span(instances), most_described, [&](std::span<const std::string> portion) {
        json::object question;
        question["cluster"] = cluster;
        question["containerInstances"] = aws::to_array(portion);
        const json::object answer = aws_.call(ecs_service, "DescribeContainerInstances", question);
        for (const json::value& instance : aws::list(answer, "containerInstances")) {
            largest = std::max(largest, memory_of(aws::object(instance)));
        }
    });
    return largest > 0 ? std::optional(largest) : std::nullopt;
}

}  // namespace flotilla
