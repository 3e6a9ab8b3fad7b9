#include "engine/ecs/account_clusters.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/portions.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

constexpr std::size_t most_described = 100;
constexpr std::chrono::minutes remembered{15};

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
                                                   std::string_view name, const AwsClient::Limits& limits) {
    std::vector<std::string> all;
    std::string next;
    do {
        if (!next.empty()) {
            input["nextToken"] = next;
        }
        const json::object answer = aws_.call(ecs_service, operation, input, limits);
        for (const json::value& element : aws::list(answer, name)) {
            all.push_back(json::value_to<std::string>(element));
        }
        next = aws::text(answer, "nextToken");
    } while (!next.empty());
    return all;
}

std::vector<ClusterState> AccountClusters::describe(const std::vector<std::string>& clusters,
                                                    const AwsClient::Limits& limits) {
    std::vector<ClusterState> states;
    in_portions(std::span(clusters), most_described, [&](std::span<const std::string> portion) {
        json::object input;
        input["clusters"] = aws::to_array(portion);
        const json::object answer = aws_.call(ecs_service, "DescribeClusters", input, limits);
        for (const json::value& element : aws::list(answer, "clusters")) {
            const json::object& cluster = aws::object(element);
            states.push_back({aws::text(cluster, "clusterName"), aws::text(cluster, "status"),
                              aws::integer(cluster, "registeredContainerInstancesCount").value_or(0)});
        }
    });
    auto seen_at = seen_at_.lock();
    for (const ClusterState& state : states) {
        if (state.is_active()) {
            (*seen_at)[state.name] = clock_.elapsed();
        } else {
            seen_at->erase(state.name);
        }
    }
    return states;
}

std::optional<std::vector<std::string>> AccountClusters::names(const AwsClient::Limits& limits) {
    try {
        const auto arns = optional_.attempt("clusters that the configuration does not name", [&] {
            return list_all("ListClusters", {}, "clusterArns", limits);
        });
        std::optional<std::vector<std::string>> names;
        if (arns) {
            names.emplace();
            for (const ClusterState& cluster : describe(*arns, limits)) {
                if (cluster.is_active()) {
                    names->push_back(cluster.name);
                }
            }
            std::sort(names->begin(), names->end());
        }
        trouble_.lock()->reset();
        return names;
    } catch (const Error& error) {
        *trouble_.lock() = error.what();
        throw;
    }
}

bool AccountClusters::is_missing(const std::string& cluster) {
    {
        auto seen_at = seen_at_.lock();
        const auto seen = seen_at->find(cluster);
        if (seen != seen_at->end() && clock_.elapsed() - seen->second < remembered) {
            return false;
        }
    }
    try {
        const auto states = describe({cluster}, AwsClient::Limits{});
        return states.empty() || !states.front().is_active();
    } catch (const Error& error) {
        log_debug("cluster {} cannot be asked for: {}", cluster, error.what());
        return false;
    }
}

std::optional<std::int64_t> AccountClusters::largest_instance(const std::string& cluster) {
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
    const auto instances =
        list_all("ListContainerInstances", input, "containerInstanceArns", AwsClient::Limits{});
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
