#include "queue/sqs/run_message.hpp"

#include <boost/json.hpp>

#include "net/aws/json_fields.hpp"

namespace flotilla {

std::string run_message(const RunId& run) {
    return boost::json::serialize(boost::json::object{{"run_id", run.value}});
}

std::optional<RunId> run_in_message(const std::string& body) {
    const auto message = aws::parse_object(body);
    const std::string id = message ? aws::text(*message, "run_id") : "";
    return id.empty() ? std::nullopt : std::optional(RunId{id});
}

}  // namespace flotilla
