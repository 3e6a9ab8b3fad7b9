#include "engine/ecs/account_clusters.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/log.hpp"
#include "base/portions.hpp"
#include "base/thread_pool.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

constexpr std::size_t most_described = 100;
constexpr std::chrono::minutes remembered{15};
const AwsClient::Limits for_a_user{.patience = std::chrono::seconds{2}, .timeout = std::chrono::seconds{2}};

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

bool AccountClusters::was_silent() {
    constexpr std::chrono::seconds not_asked_for{30};
    auto since = silent_since_.lock();
    return *since && clock_.elapsed() - **since < not_asked_for;
}

template <typename Ask>
auto AccountClusters::asked_for_a_user(Ask ask) -> std::optional<decltype(ask())> {
    const WaitingPlace place(waiting_);
    if (!place.is_taken() || was_silent()) {
        return std::nullopt;
    }
    try {
        const BlockingSection waiting;
        return ask();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::unavailable) {
            *silent_since_.lock() = clock_.elapsed();
        }
        log_debug("ECS cannot be asked for clusters: {}", error.what());
        return std::nullopt;
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
    const auto states = asked_for_a_user(
        [&] { return state_asks_.once(cluster, [&] { return describe({cluster}, for_a_user); }); });
    return states && (states->empty() || !states->front().is_active());
}

std::optional<std::int64_t> AccountClusters::largest_instance(const std::string& cluster) {
    {
        auto largest = largest_.lock();
        const auto found = largest->find(cluster);
        if (found != largest->end() && clock_.elapsed() - found->second.asked_at < remembered) {
            return found->second.memory;
        }
    }
    const auto memory = asked_for_a_user([&] {
        return largest_asks_.once(cluster, [&] {
            const auto now = clock_.elapsed();
            const auto answer = optional_
                                    .attempt("the check that a run fits on an instance of its cluster",
                                             [&] { return ask_largest(cluster); })
                                    .value_or(std::nullopt);
            largest_.lock()->insert_or_assign(cluster, Largest{answer, now});
            return answer;
        });
    });
    return memory.value_or(std::nullopt);
}

std::optional<std::int64_t> AccountClusters::ask_largest(const std::string& cluster) {
    json::object input;
    input["cluster"] = cluster;
    input["status"] = "ACTIVE";
    std::int64_t largest = 0;
    const auto instances = list_all("ListContainerInstances", input, "containerInstanceArns", for_a_user);
    in_portions(std::span(instances), most_described, [&](std::span<const std::string> portion) {
        json::object question;
        question["cluster"] = cluster;
        question["containerInstances"] = aws::to_array(portion);
        const json::object answer =
            aws_.call(ecs_service, "DescribeContainerInstances", question, for_a_user);
        for (const json::value& instance : aws::list(answer, "containerInstances")) {
            largest = std::max(largest, memory_of(aws::object(instance)));
        }
    });
    return largest > 0 ? std::optional(largest) : std::nullopt;
}

}  // namespace flotilla
