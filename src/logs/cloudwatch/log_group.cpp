#include "logs/cloudwatch/log_group.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

/// See https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
std::int64_t known_retention(std::int64_t days) {
    constexpr std::array<std::int64_t, 22> known{1,    3,    5,    7,    14,   30,  60,  90,
                                                 120,  150,  180,  365,  400,  545, 731, 1096,
                                                 1827, 2192, 2557, 2922, 3288, 3653};
    const auto* const found = std::lower_bound(known.begin(), known.end(), days);
    return found == known.end() ? known.back() : *found;
}

}  // namespace

void LogGroup::ensure(const AwsClient::Limits& limits) {
    make(limits);
    trouble_.lock()->reset();
    if (options_.retention_days <= 0) {
        return;
    }
    json::object input;
    input["logGroupName"] = options_.name;
    input["retentionInDays"] = known_retention(options_.retention_days);
    optional_.attempt("a log group that keeps logs for log.retention_days",
                      [&] { return aws_.call(logs_service, "PutRetentionPolicy", input, limits); });
}

void LogGroup::look_again() {
    if (is_there(AwsClient::Limits{})) {
        gap_.lock()->reset();
        return;
    }
    *gap_.lock() = fmt::format(
        "logs, and starts of tasks, of the last minutes: somebody removed the log group {}", options_.name);
    log_warning("somebody removed the log group {}: it is made anew", options_.name);
    ensure(AwsClient::Limits{});
}

void LogGroup::make(const AwsClient::Limits& limits) {
    json::object input;
    input["logGroupName"] = options_.name;
    try {
        aws_.call(logs_service, "CreateLogGroup", input, limits);
    } catch (const AwsError& error) {
        const bool is_known = error.code() == "ResourceAlreadyExistsException";
        if (is_known || (error.is_denied() && is_there(limits))) {
            return;
        }
        if (error.is_denied() && !options_.is_made_by_tasks) {
            *trouble_.lock() =
                fmt::format("the log group {} does not exist: {}", options_.name, error.what());
        }
        throw;
    }
}

/// Taken to be so where nobody may look.
bool LogGroup::is_there(const AwsClient::Limits& limits) {
    json::object input;
    input["logGroupNamePrefix"] = options_.name;  // its own name comes first
    const auto answer = optional_.attempt("the look whether the log group is there", [&] {
        return aws_.call(logs_service, "DescribeLogGroups", input, limits);
    });
    if (!answer) {
        return true;
    }
    const auto& groups = aws::list(*answer, "logGroups");
    return std::any_of(groups.begin(), groups.end(), [&](const json::value& group) {
        return aws::text(aws::object(group), "logGroupName") == options_.name;
    });
}

}  // namespace flotilla
