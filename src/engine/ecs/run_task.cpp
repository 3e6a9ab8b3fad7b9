#include "engine/ecs/run_task.hpp"

#include <algorithm>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

json::object task_input(const std::string& cluster, const std::string& arn) {
    json::object input;
    input["cluster"] = cluster;
    input["task"] = arn;
    return input;
}

/// What the reason of a failure means; see
/// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
std::string meaning_of(const std::string& reason) {
    if (reason.starts_with("RESOURCE:")) {
        return "no instance has room for it (" + reason + ")";
    }
    if (reason.starts_with("AGENT")) {
        return "the ECS agent of its instances is not connected (AGENT)";
    }
    if (reason.starts_with("ATTRIBUTE")) {
        return "no instance has what the task asks for (" + reason + ")";
    }
    return reason.empty() ? "ECS gave no reason" : reason;
}

std::string starts_none(const std::string& cluster, const std::string& reason) {
    return fmt::format("the ECS cluster {} starts no task now: {}", cluster, reason);
}

/// Which resource of instances a failure names; nothing if it is none that tasks of ours differ in.
std::optional<Scarce> resource_in(const std::string& reason) {
    static const std::map<std::string, Scarce> resources{{"RESOURCE:MEMORY", Scarce::memory},
                                                         {"RESOURCE:CPU", Scarce::cpu},
                                                         {"RESOURCE:GPU", Scarce::gpu},
                                                         {"RESOURCE:PORTS", Scarce::ports}};
    const auto found = resources.find(reason);
    return found == resources.end() ? std::nullopt : std::optional(found->second);
}

/// Why ECS started none, each reason once: it may give one for each instance.
std::set<std::string> reasons_in(const json::object& answer) {
    std::set<std::string> reasons;
    for (const json::value& failure : aws::list(answer, "failures")) {
        reasons.insert(aws::text(aws::object(failure), "reason"));
    }
    return reasons;
}

/// Whom it concerns that ECS started none, for these reasons.
SubmitOutcome outcome_by(const std::string& cluster, const std::set<std::string>& reasons,
                         const Needs& needs) {
    std::vector<std::string> meanings;
    std::set<Scarce> lacking;
    bool is_its_own = false;
    for (const std::string& reason : reasons) {
        meanings.push_back(meaning_of(reason));
        const auto resource = resource_in(reason);
        if (resource && asks_for(needs, *resource)) {
            lacking.insert(*resource);
        }
        is_its_own |= resource.has_value() || reason.starts_with("ATTRIBUTE");
    }
    const std::string why = fmt::format("{}", fmt::join(meanings, "; "));
    const bool lacks_attribute = std::any_of(
        reasons.begin(), reasons.end(), [](const std::string& one) { return one.starts_with("ATTRIBUTE"); });
    if (!lacking.empty() && !lacks_attribute) {
        return NoRoom{std::move(lacking), why};
    }
    return is_its_own ? SubmitOutcome(NotYet{why, NotYet::Concerns::revision})
                      : TryLater{starts_none(cluster, why)};
}

SubmitOutcome outcome_of(const std::string& cluster, const json::object& answer, const Needs& needs) {
    if (const auto& tasks = aws::list(answer, "tasks"); !tasks.empty()) {
        std::string arn = aws::text(aws::object(tasks.front()), "taskArn");
        if (!arn.empty()) {
            return SubmitAccepted{std::move(arn)};
        }
    }
    const auto reasons = reasons_in(answer);
    return reasons.empty() ? SubmitOutcome(NoRoom{{Scarce::memory}, "ECS gave no reason"})
                           : outcome_by(cluster, reasons, needs);
}

/// The task that the client token stands for already, where the request was another one. See
/// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
std::string conflicting_task(const AwsError& error) {
    const auto& ids = aws::list(error.answer(), "resourceIds");
    return ids.empty() || !ids.front().is_string() ? "" : json::value_to<std::string>(ids.front());
}

bool lacks_cluster(const AwsError& error) {
    return error.code() == "ClusterNotFoundException" ||
           error.words().find("cluster was inactive") != std::string::npos;
}

/// Why no task starts now, where that is what the refusal says; empty: it says something else. See
/// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
std::string lack_of_room(const AwsError& error) {
    const auto says = [&](const char* words) { return error.words().find(words) != std::string::npos; };
    if (says("No Container Instances were found")) {
        return "it has no container instances";
    }
    const bool lacks_capacity = says("Capacity is unavailable at this time") ||
                                says("provisioning capacity limit exceeded") ||
                                says("reached the limit on the number of");
    return lacks_capacity ? error.words() : "";
}

}  // namespace

SubmitOutcome run_task(AwsClient& aws, const std::string& cluster, const json::object& input,
                       const Needs& needs) {
    try {
        return outcome_of(cluster, aws.call(ecs_service, "RunTask", input), needs);
    } catch (const AwsError& error) {
        if (lacks_cluster(error)) {
            return TryLater{no_cluster(cluster)};
        }
        if (const std::string reason = lack_of_room(error); !reason.empty()) {
            return TryLater{starts_none(cluster, reason)};
        }
        if (error.is_momentary()) {
            return TryLater{error.what()};
        }
        if (error.code() == "ConflictException") {
            if (std::string arn = conflicting_task(error); !arn.empty()) {
                return SubmitAccepted{std::move(arn)};
            }
        }
        if (error.kind() == ErrorKind::invalid && !lacks_definition(error)) {
            return Refused{ExitClass::rejected, error.what()};
        }
        throw;
    }
}

std::string no_cluster(const std::string& cluster) {
    return fmt::format("ECS has no active cluster {}", cluster);
}

bool lacks_definition(const AwsError& error) {
    const auto says = [&](const char* words) { return error.words().find(words) != std::string::npos; };
    return error.code() == "ClientException" && says("TaskDefinition") &&
           (says("inactive") || says("not found") || says("DELETE_IN_PROGRESS"));
}

void stop_task(AwsClient& aws, const std::string& cluster, const std::string& arn,
               const std::string& reason) {
    json::object input = task_input(cluster, arn);
    input["reason"] = reason;
    aws.call(ecs_service, "StopTask", input);
}

std::optional<std::string> why_missing(const Error& error, const std::string& cluster) {
    const auto* const refusal = dynamic_cast<const AwsError*>(&error);
    if (refusal != nullptr && lacks_cluster(*refusal)) {
        return no_cluster(cluster);
    }
    const bool is_unknown =
        refusal != nullptr && refusal->words().find("task was not found") != std::string::npos;
    return is_unknown ? std::optional<std::string>(unknown_task) : std::nullopt;
}

std::vector<std::string> tasks_of(AwsClient& aws, const std::string& cluster, const AttemptName& name) {
    json::object input;
    input["cluster"] = cluster;
    input["startedBy"] = started_by(name);
    const json::object answer = aws.call(ecs_service, "ListTasks", input);
    std::vector<std::string> arns;
    for (const json::value& arn : aws::list(answer, "taskArns")) {
        arns.push_back(json::value_to<std::string>(arn));
    }
    return arns;
}

DescribedTasks describe_tasks(AwsClient& aws, const std::string& cluster, std::span<const std::string> arns) {
    json::object input;
    input["cluster"] = cluster;
    input["tasks"] = aws::to_array(arns);
    const json::object answer = aws.call(ecs_service, "DescribeTasks", input);
    DescribedTasks described;
    for (const json::value& task : aws::list(answer, "tasks")) {
        if (auto state = parse_task(aws::object(task))) {
            described.tasks.push_back(*std::move(state));
        }
    }
    for (const json::value& failure : aws::list(answer, "failures")) {
        if (aws::text(aws::object(failure), "reason") == "MISSING") {
            described.missing.insert(aws::text(aws::object(failure), "arn"));
        }
    }
    return described;
}

}  // namespace flotilla
