#include "engine/ecs/task_events.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/keep_at.hpp"
#include "base/log.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

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
    keep_at(
        stop,
        [&] {
            make_route();
            receive(stop);
            trouble_.lock()->reset();
        },
        [&](const std::exception& error) {
            if (!aws_.is_cancelled()) {
                log_warning("the states of ECS tasks cannot be received now: {}", error.what());
                *trouble_.lock() = error.what();
            }
        });
}

void TaskEvents::make_route() {
    if (!queue_.url().empty() && has_route_) {
        return;
    }
    std::vector<std::string> clusters;
    for (const auto& [cluster, sink] : *sinks_.lock()) {
        clusters.push_back(cluster);
    }
    has_route_ = false;
    make_event_route(aws_, clusters_, queue_, rule_, clusters);
    has_route_ = true;
}

void TaskEvents::receive(const std::stop_token& stop) {
    std::vector<std::string> useless;
    for (const SqsMessage& message : queue_.receive(SqsQueue::most_at_once, SqsQueue::longest_poll, stop)) {
        hand_on(message, useless);
    }
    done(useless);
}

void TaskEvents::hand_on(const SqsMessage& message, std::vector<std::string>& useless) {
    constexpr std::size_t shown = 1'000;
    const ParsedEvent event = parse_task_event(message.body);
    if (event.kind == ParsedEvent::Kind::task) {
        auto sinks = sinks_.lock();
        const auto sink = sinks->find(aws::name_in_arn(event.state.cluster_arn));
        if (sink != sinks->end()) {
            sink->second->take(event.state, message.receipt);
            return;
        }
    }
    if (event.kind == ParsedEvent::Kind::malformed) {
        log_event(LogLevel::warning, "status_message_unreadable", {{"body", message.body.substr(0, shown)}});
    }
    useless.push_back(message.receipt);
}

void TaskEvents::done(const std::vector<std::string>& receipts) {
    try {
        queue_.remove(receipts);
    } catch (const Error& error) {
        log_warning("messages of the status queue cannot be deleted and come again: {}", error.what());
    }
}

}  // namespace flotilla
