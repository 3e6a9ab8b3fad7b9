#include "engine/ecs/event_route.hpp"

#include <algorithm>
#include <regex>

#include <boost/json.hpp>

#include "engine/ecs/task_state.hpp"
#include "net/aws/fitted_name.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

constexpr const char* statement_id = "flotilla-task-events";
constexpr const char* events_principal = "events.amazonaws.com";

json::object queue_input(const std::string& url) {
    json::object input;
    input["QueueUrl"] = url;
    return input;
}

/// That of a rule in the account and region of the queue.
std::string rule_arn(const std::string& queue_arn, const std::string& rule) {
    static const std::regex parts("(arn:[^:]*):sqs:([^:]*:[^:]*):.*");
    std::smatch found;
    if (!std::regex_match(queue_arn, found, parts)) {
        throw unavailable("SQS says of its queue that it is [{}], which is no ARN of a queue", queue_arn);
    }
    return fmt::format("{}:events:{}:rule/{}", found.str(1), found.str(2), rule);
}

/// Lets the rule send to the queue.
json::object statement_of(const std::string& queue_arn, const std::string& rule) {
    json::object source;
    source["aws:SourceArn"] = rule_arn(queue_arn, rule);
    json::object condition;
    condition["ArnEquals"] = std::move(source);
    json::object principal;
    principal["Service"] = events_principal;
    json::object statement;
    statement["Sid"] = statement_id;
    statement["Effect"] = "Allow";
    statement["Principal"] = std::move(principal);
    statement["Action"] = "sqs:SendMessage";
    statement["Resource"] = queue_arn;
    statement["Condition"] = std::move(condition);
    return statement;
}

/// Whether a statement of the policy, ours or another, lets the rule send.
bool lets_send(const std::string& policy, const std::string& rule_arn) {
    const auto document = aws::parse_object(policy).value_or(json::object{});
    const auto& statements = aws::list(document, "Statement");
    return std::any_of(statements.begin(), statements.end(), [&](const json::value& value) {
        const json::object& statement = aws::object(value);
        const json::object& condition = aws::object(statement, "Condition");
        return aws::text(statement, "Effect") == "Allow" &&
               json::serialize(aws::object(statement, "Principal")).find(events_principal) !=
                   std::string::npos &&
               (condition.empty() ||
                json::serialize(condition).find('"' + rule_arn + '"') != std::string::npos);
    });
}

/// The policy with the statement in the place of one of its name.
std::string policy_with(const std::string& policy, json::object statement) {
    json::object document = aws::parse_object(policy).value_or(json::object{{"Version", "2012-10-17"}});
    json::array statements;
    for (const json::value& known : aws::list(document, "Statement")) {
        if (aws::text(aws::object(known), "Sid") != statement_id) {
            statements.push_back(known);
        }
    }
    statements.emplace_back(std::move(statement));
    document["Statement"] = std::move(statements);
    return json::serialize(document);
}

/// All tasks that Flotilla starts. Clusters are not named: they come and go, and a pattern has 2,048
/// characters at most. See https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
std::string task_pattern() {
    json::object beginning;
    beginning["prefix"] = started_by_prefix;
    json::object detail;
    detail["startedBy"] = json::array{std::move(beginning)};
    json::object pattern;
    pattern["source"] = json::array{"aws.ecs"};
    pattern["detail-type"] = json::array{"ECS Task State Change"};
    pattern["detail"] = std::move(detail);
    return json::serialize(pattern);
}

}  // namespace

void EventRoute::ensure() {
    constexpr std::chrono::seconds between_tries{1};
    const auto now = clock_.elapsed();
    auto known = known_.lock();
    if (queue_.url().empty()) {
        known->progress = Progress::none;  // not asked for yet, or somebody removed it
    }
    if (known->progress != Progress::none) {
        return;
    }
    if (known->tried_at && now - *known->tried_at < between_tries && !known->failure.empty()) {
        throw unavailable("{}", known->failure);
    }
    known->tried_at = now;
    try {
        known->progress = make();
        known->looked_at = now;
        known->failure.clear();
    } catch (const Error& error) {
        known->failure = error.what();
        throw;
    }
}

void EventRoute::look_again() {
    const auto before = begin_look();
    if (!before) {
        return;
    }
    try {
        look_at(*before);
        look_failure_.lock()->reset();
    } catch (const Error& error) {
        if (!aws_.is_cancelled()) {
            log_warning("whether the rule {} is still there cannot be seen now: {}", rule_, error.what());
            *look_failure_.lock() = error.what();
        }
    }
}

std::optional<EventRoute::Progress> EventRoute::begin_look() {
    constexpr std::chrono::minutes between_looks{5};
    constexpr std::chrono::minutes between_improvements{1};
    const auto now = clock_.elapsed();
    auto known = known_.lock();
    const auto rest = known->progress == Progress::found ? between_improvements : between_looks;
    if (known->progress == Progress::none || now - known->looked_at < rest) {
        return std::nullopt;
    }
    known->looked_at = now;
    return known->progress;
}

void EventRoute::look_at(Progress before) {
    const Ends ends = look();
    const auto is_target = sends_to(ends.queue_arn);
    const auto enabled = is_enabled();
    std::optional<std::string> damage;
    if (!lets_send(ends.policy, rule_arn(ends.queue_arn, rule_))) {
        damage = fmt::format("removed the policy by which the rule {} may send to {}", rule_, queue_.name());
    } else if (is_target == false) {
        damage = fmt::format("removed the rule {}, or {} as its target", rule_, queue_.name());
    } else if (enabled == false) {
        damage = fmt::format("disabled the rule {}", rule_);
    }
    if (damage) {
        log_warning("somebody {}: it is made anew", *damage);
        *gap_.lock() = fmt::format("states of tasks of the last minutes: somebody {}", *damage);
        auto known = known_.lock();
        known->progress = Progress::none;
        known->failure.clear();
        return;
    }
    gap_.lock()->reset();
    const bool is_seen = is_target && enabled;
    if ((before == Progress::found || !is_seen) && improve()) {
        auto known = known_.lock();
        known->progress = known->progress == Progress::found ? Progress::made : known->progress;
    }
    if (!is_target) {
        put_target(ends.queue_arn);
    }
}

bool EventRoute::improve() {
    try {
        optional_.attempt("a rule of EventBridge that is kept as it should be", [&] {
            put_rule();
            return true;
        });
        return true;
    } catch (const Error& error) {
        log_warning("the rule {} stays as it is for now: {}", rule_, error.what());
        return false;
    }
}

std::vector<std::string> EventRoute::losses() {
    std::vector<std::string> all;
    if (const auto gap = *gap_.lock()) {
        all.push_back(*gap);
    }
    if (const auto failure = *look_failure_.lock()) {
        all.push_back(
            fmt::format("the look whether the rule {} still sends states of tasks: {}", rule_, *failure));
    }
    return all;
}

EventRoute::Ends EventRoute::look() {
    json::object question = queue_input(queue_.url());
    question["AttributeNames"] = json::array{"QueueArn", "Policy"};
    const json::object answer = aws_.call(sqs_service, "GetQueueAttributes", question);
    const json::object& attributes = aws::object(answer, "Attributes");
    return {aws::text(attributes, "QueueArn"), aws::text(attributes, "Policy")};
}

EventRoute::Progress EventRoute::make() {
    queue_.ensure();
    const auto [queue_arn, policy] = look();
    const bool may_send = lets_send(policy, rule_arn(queue_arn, rule_));
    const bool is_target = sends_to(queue_arn).value_or(false);
    if (may_send && is_target) {
        return improve() ? Progress::made : Progress::found;
    }
    put_rule();
    if (!may_send) {
        put_policy(policy, queue_arn);
    }
    if (!is_target) {
        put_target(queue_arn);
    }
    return Progress::made;
}

/// Whether the rule sends to the queue; nothing where nobody may look.
std::optional<bool> EventRoute::sends_to(const std::string& queue_arn) {
    json::object input;
    input["TargetArn"] = queue_arn;
    return optional_.attempt(
        "the look whether the rule of EventBridge still has the status queue as its target", [&] {
            std::string next;
            do {
                if (!next.empty()) {
                    input["NextToken"] = next;
                }
                const json::object answer = aws_.call(events_service, "ListRuleNamesByTarget", input);
                const auto& names = aws::list(answer, "RuleNames");
                if (std::find(names.begin(), names.end(), json::value(rule_)) != names.end()) {
                    return true;
                }
                next = aws::text(answer, "NextToken");
            } while (!next.empty());
            return false;
        });
}

/// Whether the rule is there and not disabled; nothing where nobody may look.
std::optional<bool> EventRoute::is_enabled() {
    json::object input;
    input["Name"] = rule_;
    return optional_.attempt("the look whether somebody disabled the rule of EventBridge", [&] {
        try {
            return aws::text(aws_.call(events_service, "DescribeRule", input), "State") != "DISABLED";
        } catch (const AwsError& error) {
            if (error.code() == "ResourceNotFoundException") {
                return false;
            }
            throw;
        }
    });
}

void EventRoute::put_rule() {
    json::object rule;
    rule["Name"] = rule_;
    rule["EventPattern"] = task_pattern();
    rule["State"] = "ENABLED";
    aws_.call(events_service, "PutRule", rule);
}

void EventRoute::put_policy(const std::string& policy, const std::string& queue_arn) {
    json::object change = queue_input(queue_.url());
    json::object changed;
    changed["Policy"] = policy_with(policy, statement_of(queue_arn, rule_));
    change["Attributes"] = std::move(changed);
    aws_.call(sqs_service, "SetQueueAttributes", change);
}

/// Its id is that of the queue: another installation's queue may be a target of the same rule.
void EventRoute::put_target(const std::string& queue_arn) {
    constexpr std::size_t longest_id = 64;
    json::object target;
    target["Id"] = aws::fitted_name(queue_.name(), longest_id);
    target["Arn"] = queue_arn;
    json::object targets;
    targets["Rule"] = rule_;
    targets["Targets"] = json::array{std::move(target)};
    const json::object put = aws_.call(events_service, "PutTargets", targets);
    if (aws::integer(put, "FailedEntryCount").value_or(0) > 0) {
        const auto& entries = aws::list(put, "FailedEntries");
        throw unavailable("the rule {} cannot send to {}: {}", rule_, queue_.name(),
                          entries.empty() ? "" : aws::text(aws::object(entries.front()), "ErrorMessage"));
    }
}

}  // namespace flotilla
