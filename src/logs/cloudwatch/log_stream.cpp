#include "logs/cloudwatch/log_stream.hpp"

#include <boost/json.hpp>

#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

/// A page after `from`. Events of its time are passed over as long as `known` counts any.
LogEvents read_page(AwsClient& aws, const json::object& input, const LogPlace& from, std::int64_t& known) {
    const json::object answer =
        aws.call(logs_service, "GetLogEvents", input,
                 {.patience = std::chrono::seconds{2}, .timeout = std::chrono::seconds{3}});
    LogEvents events{.text = {}, .end = from};
    LogPlace& end = events.end;
    end.token = aws::text(answer, "nextForwardToken");
    for (const json::value& value : aws::list(answer, "events")) {
        const json::object& event = aws::object(value);
        const std::int64_t time = aws::integer(event, "timestamp").value_or(0);
        if (time == from.time && known > 0) {
            --known;
            continue;
        }
        if (time > end.time) {
            end.time = time;
            end.count = 0;
        }
        end.count += time == end.time ? 1 : 0;
        events.text += aws::text(event, "message") + "\n";
    }
    return events;
}

/// The next page with anything in it, or the last one, where only the time of `from` says where to begin.
LogEvents read_by_time(AwsClient& aws, json::object input, const LogPlace& from) {
    input["startTime"] = from.time;
    std::int64_t known = from.count;
    for (std::string token;;) {
        LogEvents events = read_page(aws, input, from, known);
        const bool is_end = events.end.token == token;
        if (!events.text.empty() || known == 0 || is_end) {
            return events;
        }
        token = events.end.token;
        input["nextToken"] = token;
    }
}

LogEvents read_by_token(AwsClient& aws, const json::object& input, const LogPlace& from) {
    std::int64_t known = 0;
    json::object asked = input;
    asked["nextToken"] = from.token;
    try {
        return read_page(aws, asked, from, known);
    } catch (const AwsError& error) {
        if (error.code() != "InvalidParameterException") {
            throw;
        }
        return read_by_time(aws, input, from);  // the token is older than 24 hours
    }
}

}  // namespace

LogLocation LogLocation::parsed(const std::string& text) {
    const auto colon = text.find(':');
    return colon == std::string::npos ? LogLocation{text, ""}
                                      : LogLocation{text.substr(0, colon), text.substr(colon + 1)};
}

std::string LogLocation::stream_of(const std::string& container, const std::string& task_arn) const {
    return fmt::format("{}/{}/{}", stream_prefix, container, aws::name_in_arn(task_arn));
}

std::optional<LogEvents> read_log_stream(AwsClient& aws, const std::string& group, const std::string& stream,
                                         const LogPlace& from) {
    json::object input;
    input["logGroupName"] = group;
    input["logStreamName"] = stream;
    input["startFromHead"] = true;
    try {
        return from.token.empty() ? read_by_time(aws, input, from) : read_by_token(aws, input, from);
    } catch (const AwsError& error) {
        if (error.code() == "ResourceNotFoundException") {
            return std::nullopt;
        }
        throw;
    }
}

}  // namespace flotilla
