#include "engine/ecs/event_route.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/ranges.h>

#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

constexpr const char* statement_id = "flotilla-task-events";

json::object queue_input(const std::string& url) {
    json::object input;
    input["QueueUrl"] = url;
    return input;
}

/// Lets the rule send to the queue.
json::object statement_of(const std::string& queue_arn, const std::string& rule_arn) {
    json::object source;
    source["aws:SourceArn"] = rule_arn;
    json::object condition;
    condition["ArnEquals"] = std::move(source);
    json::object principal;
    principal["Service"] = "events.amazonaws.com";
    json::object statement;
    statement["Sid"] = statement_id;
    statement["Effect"] = "Allow";
    statement["Principal"] = std::move(principal);
    statement["Action"] = "sqs:SendMessage";
    statement["Resource"] = queue_arn;
    statement["Condition"] = std::move(condition);
    return statement;
}

/// The policy with our statement in the place of one of its name; nothing if it has that already.
std::optional<std::string> policy_with(const std::string& policy, json::object statement) {
    json::object document = aws::parse_object(policy).value_or(json::object{{"Version", "2012-10-17"}});
    json::array statements;
    for (const json::value& known : aws::list(document, "Statement")) {
        if (known == json::value(statement)) {
            return std::nullopt;
        }
        if (aws::text(aws::object(known), "Sid") != statement_id) {
            statements.push_back(known);
        }
    }
    statements.emplace_back(std::move(statement));
    document["Statement"] = std::move(statements);
    return json::serialize(document);
}

std::string pattern_of(const std::vector<ClusterState>& clusters) {
    json::array arns;
    for (const ClusterState& cluster : clusters) {
        arns.emplace_back(cluster.arn);
    }
    json::object detail;
    detail["clusterArn"] = std::move(arns);
    json::object pattern;
    pattern["source"] = json::array{"aws.ecs"};
    pattern["detail-type"] = json::array{"ECS Task State Change"};
    pattern["detail"] = std::move(detail);
    return json::serialize(pattern);
}

}  // namespace

void make_event_route(AwsClient& aws, AccountClusters& clusters, SqsQueue& queue,
                      const std::string& rule_name, const std::vector<std::string>& cluster_names) {
    queue.ensure();
    const std::string url = queue.url();
    json::object question = queue_input(url);
    question["AttributeNames"] = json::array{"QueueArn", "Policy"};
    const json::object answer = aws.call(sqs_service, "GetQueueAttributes", question);
    const json::object& attributes = aws::object(answer, "Attributes");
    const std::string queue_arn = aws::text(attributes, "QueueArn");

    const auto known = clusters.describe(cluster_names);
    if (known.empty()) {
        throw unavailable("ECS has none of the clusters {}", fmt::join(cluster_names, ", "));
    }
    json::object rule;
    rule["Name"] = rule_name;
    rule["EventPattern"] = pattern_of(known);
    const std::string rule_arn = aws::text(aws.call(events_service, "PutRule", rule), "RuleArn");

    if (auto policy = policy_with(aws::text(attributes, "Policy"), statement_of(queue_arn, rule_arn))) {
        json::object change = queue_input(url);
        json::object changed;
        changed["Policy"] = *std::move(policy);
        change["Attributes"] = std::move(changed);
        aws.call(sqs_service, "SetQueueAttributes", change);
    }
    json::object target;
    target["Id"] = "flotilla";
    target["Arn"] = queue_arn;
    json::object targets;
    targets["Rule"] = rule_name;
    targets["Targets"] = json::array{std::move(target)};
    const json::object put = aws.call(events_service, "PutTargets", targets);
    if (aws::integer(put, "FailedEntryCount").value_or(0) > 0) {
        const auto& entries = aws::list(put, "FailedEntries");
        throw unavailable("the rule {} cannot send to {}: {}", rule_name, queue.name(),
                          entries.empty() ? "" : aws::text(aws::object(entries.front()), "ErrorMessage"));
    }
}

}  // namespace flotilla
