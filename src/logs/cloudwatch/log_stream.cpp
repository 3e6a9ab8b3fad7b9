#include "logs/cloudwatch/log_stream.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

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

std::string log_stream_name(const std::string& prefix, const std::string& container,
                            const std::string& task_arn) {
    return fmt::format("{}/{}/{}", prefix, container, aws::name_in_arn(task_arn));
}

std::optional<LogEvents> read_log_stream(AwsClient& aws, const std::string& group, const std::string& stream,
                                         const std::string& token) {
    json::object input;
    input["logGroupName"] = group;
    input["logStreamName"] = stream;
    input["startFromHead"] = true;
    if (!token.empty()) {
        input["nextToken"] = token;
    }
    try {
        const json::object answer =
            aws.call(logs_service, "GetLogEvents", input,
                     {.patience = std::chrono::seconds{2}, .timeout = std::chrono::seconds{3}});
        LogEvents events{.text = {}, .token = aws::text(answer, "nextForwardToken")};
        for (const json::value& event : aws::list(answer, "events")) {
            events.text += aws::text(aws::object(event), "message") + "\n";
        }
        return events;
    } catch (const AwsError& error) {
        if (error.code() == "ResourceNotFoundException") {
            return std::nullopt;
        }
        throw;
    }
}

void make_log_group(AwsClient& aws, const std::string& group, std::int64_t retention_days) {
    json::object input;
    input["logGroupName"] = group;
    try {
        aws.call(logs_service, "CreateLogGroup", input);
    } catch (const AwsError& error) {
        if (error.code() != "ResourceAlreadyExistsException") {
            throw;
        }
    }
    if (retention_days > 0) {
        input["retentionInDays"] = known_retention(retention_days);
        aws.call(logs_service, "PutRetentionPolicy", input);
    }
}

}  // namespace flotilla
