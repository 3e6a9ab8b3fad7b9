#include "store/limit_columns.hpp"

#include <boost/json.hpp>

#include "base/overloaded.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

std::string retry_column(const RetryPolicy& policy) {
    json::array causes;
    for (const RetryCause& cause : policy.on) {
        causes.push_back(
            std::visit(Overloaded{[](int code) { return json::value(code); },
                                  [](ExitClass exit_class) { return json::value(to_string(exit_class)); }},
                       cause));
    }
    return json::serialize(json::object{{"max_attempts", policy.max_attempts},
                                        {"on", std::move(causes)},
                                        {"backoff_seconds", policy.backoff_seconds}});
}

RetryPolicy retry_from_column(const std::string& column) {
    const auto value = json::parse(column);
    RetryPolicy policy;
    policy.max_attempts = json::value_to<int>(value.at("max_attempts"));
    policy.backoff_seconds = json::value_to<std::int64_t>(value.at("backoff_seconds"));
    for (const json::value& cause : value.at("on").as_array()) {
        if (cause.is_string()) {
            policy.on.emplace_back(parse_exit_class(cause.as_string()).value());
        } else {
            policy.on.emplace_back(json::value_to<int>(cause));
        }
    }
    return policy;
}

}  // namespace

void append_limits(std::vector<SqlValue>& values, const RunLimits& limits) {
    values.push_back(sql_value(limits.timeout_seconds));
    values.push_back(sql_value(limits.queue_timeout_seconds));
    values.push_back(limits.retry ? SqlValue(retry_column(*limits.retry)) : SqlValue(nullptr));
}

RunLimits limits_from(const SqlRow& row, int first) {
    RunLimits limits;
    limits.timeout_seconds = optional_integer(row, first);
    limits.queue_timeout_seconds = optional_integer(row, first + 1);
    if (!row.is_null(first + 2)) {
        limits.retry = retry_from_column(row.text(first + 2));
    }
    return limits;
}

}  // namespace flotilla
