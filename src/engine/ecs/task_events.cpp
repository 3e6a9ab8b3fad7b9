#include "engine/ecs/task_events.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/log.hpp"
#include "base/portions.hpp"
#include "base/wake.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

constexpr std::size_t most_at_once = 10;

}  // namespace

ParsedEvent parse_task_event(const std::string& body) {
    const auto event = aws::parse_object(body);
    const json::value* const said = event ? event->if_contains("detail") : nullptr;
    if (said == nullptr || !said->is_object()) {
        return {};
    }
    const json::object& detail = said->get_object();
    if (!parse_started_by(aws::text(detail, "startedBy"))) {
        return {.kind = ParsedEvent::Kind::foreign};
    }
    auto state = parse_task(detail);
    return state ? ParsedEvent{ParsedEvent::Kind::task, *std::move(state)} : ParsedEvent{};
}

void TaskEvents::start() {
    std::call_once(started_,
                   [&] { thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); }); });
}

void TaskEvents::run(const std::stop_token& stop) {
    constexpr std::chrono::microseconds first_pause = std::chrono::milliseconds{500};
    constexpr std::chrono::microseconds longest_pause = std::chrono::seconds{30};
    Wake nobody;
    auto pause = first_pause;
    while (!stop.stop_requested()) {
        try {
            make_route();
            receive(stop);
            trouble_.lock()->reset();
            pause = first_pause;
        } catch (const Error& error) {
            if (stop.stop_requested() || aws_.is_cancelled()) {
                return;
            }
            if (const auto* const refusal = dynamic_cast<const AwsError*>(&error);
                refusal != nullptr && refusal->code().find("QueueDoesNotExist") != std::string::npos) {
                queue_url_.lock()->clear();  // somebody removed it: it is made anew
            }
            log_warning("the states of ECS tasks cannot be received now: {}", error.what());
            *trouble_.lock() = error.what();
            nobody.wait(stop, pause);
            pause = std::min(pause * 2, longest_pause);
        }
    }
}

void TaskEvents::make_route() {
    if (!queue_url_.lock()->empty()) {
        return;
    }
    EventRouteOptions options = options_;
    for (const auto& [cluster, sink] : *sinks_.lock()) {
        options.clusters.push_back(cluster);
    }
    const std::string url = make_event_route(aws_, clusters_, options);
    *queue_url_.lock() = url;
}

void TaskEvents::receive(const std::stop_token& stop) {
    constexpr std::chrono::seconds long_poll{20};
    json::object input;
    input["QueueUrl"] = *queue_url_.lock();
    input["MaxNumberOfMessages"] = most_at_once;
    input["WaitTimeSeconds"] = long_poll.count();
    input["VisibilityTimeout"] = std::max<std::int64_t>(options_.process_time.count(), 1);
    const json::object answer = aws_.call(
        sqs_service, "ReceiveMessage", input,
        {.patience = std::chrono::seconds{5}, .timeout = long_poll + std::chrono::seconds{10}, .stop = stop});
    std::vector<std::string> useless;
    for (const json::value& message : aws::list(answer, "Messages")) {
        hand_on(aws::text(aws::object(message), "Body"), aws::text(aws::object(message), "ReceiptHandle"),
                useless);
    }
    done(useless);
}

void TaskEvents::hand_on(const std::string& body, const std::string& receipt,
                         std::vector<std::string>& useless) {
    constexpr std::size_t shown = 1'000;
    const ParsedEvent event = parse_task_event(body);
    if (event.kind == ParsedEvent::Kind::task) {
        auto sinks = sinks_.lock();
        const auto sink = sinks->find(aws::name_in_arn(event.state.cluster_arn));
        if (sink != sinks->end()) {
            sink->second->take(event.state, receipt);
            return;
        }
    }
    if (event.kind == ParsedEvent::Kind::malformed) {
        log_event(LogLevel::warning, "status_message_unreadable", {{"body", body.substr(0, shown)}});
    }
    useless.push_back(receipt);
}

void TaskEvents::done(const std::vector<std::string>& receipts) {
    in_portions(std::span(receipts), most_at_once, [&](std::span<const std::string> portion) {
        json::array entries;
        for (const std::string& receipt : portion) {
            json::object entry;
            entry["Id"] = std::to_string(entries.size());
            entry["ReceiptHandle"] = receipt;
            entries.push_back(std::move(entry));
        }
        json::object input;
        input["QueueUrl"] = *queue_url_.lock();
        input["Entries"] = std::move(entries);
        try {
            aws_.call(sqs_service, "DeleteMessageBatch", input);
        } catch (const Error& error) {
            log_warning("messages of the status queue cannot be deleted and come again: {}", error.what());
        }
    });
}

}  // namespace flotilla
