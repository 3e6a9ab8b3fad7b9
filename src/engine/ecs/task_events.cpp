#include "engine/ecs/task_events.hpp"

#include <boost/json.hpp>

#include "base/keep_at.hpp"
#include "base/log.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace json = boost::json;

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

TaskEvents::TaskEvents(Parts parts, SqsQueue::Options queue, std::string rule)
    : parts_(std::move(parts)),
      queue_(parts_.aws, std::move(queue)),
      route_(parts_.aws, parts_.clock, parts_.optional, queue_, std::move(rule)) {}

void TaskEvents::ensure_route() {
    try {
        route_.ensure();
        route_trouble_.lock()->reset();
    } catch (const Error& error) {
        auto trouble = route_trouble_.lock();
        if (*trouble != error.what() && !parts_.aws.is_cancelled()) {
            log_warning("nothing would tell what becomes of ECS tasks: {}", error.what());
            *trouble = error.what();
        }
        throw;
    }
}

std::optional<std::string> TaskEvents::trouble() {
    auto trouble = *route_trouble_.lock();
    return trouble ? trouble : *receive_trouble_.lock();
}

void TaskEvents::start() {
    std::call_once(started_, [&] {
        route_thread_ = std::jthread([this](const std::stop_token& stop) { keep_route(stop); });
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    });
}

/// What is in the queue is received whether the rest of the route is there or not: somebody may have made it
/// before.
void TaskEvents::run(const std::stop_token& stop) {
    constexpr std::chrono::milliseconds between_looks{200};
    Wake nobody;
    keep_at(
        stop,
        [&] {
            if (queue_.url().empty()) {
                route_wake_.notify();
                nobody.wait(stop, between_looks);
                return;
            }
            receive(SqsQueue::longest_poll, stop);
            receive_trouble_.lock()->reset();
        },
        [&](const std::exception& error) {
            if (!parts_.aws.is_cancelled()) {
                log_warning("the states of ECS tasks cannot be received now: {}", error.what());
                *receive_trouble_.lock() = error.what();
            }
        });
}

void TaskEvents::keep_route(const std::stop_token& stop) {
    constexpr std::chrono::seconds between_tries{1};
    constexpr std::chrono::minutes between_looks{1};
    Wake nobody;
    while (!stop.stop_requested()) {
        try {
            route_.look_again();
            ensure_route();
            route_wake_.wait(stop, between_looks);
        } catch (const std::exception&) {  // `ensure_route` told it
            nobody.wait(stop, between_tries);
        }
    }
}

void TaskEvents::receive(std::chrono::seconds wait, const std::stop_token& stop) {
    std::vector<std::string> useless;
    std::vector<SqsMessage> unreadable;
    for (const SqsMessage& message : queue_.receive(SqsQueue::most_at_once, wait, stop)) {
        const Fate fate = hand_on(message);
        if (fate == Fate::useless) {
            useless.push_back(message.receipt);
        } else if (fate == Fate::unreadable) {
            unreadable.push_back(message);
        }
    }
    done(useless);
    park(unreadable);
}

TaskEvents::Fate TaskEvents::hand_on(const SqsMessage& message) {
    const ParsedEvent event = parse_task_event(message.body);
    if (event.kind != ParsedEvent::Kind::task) {
        return event.kind == ParsedEvent::Kind::foreign ? Fate::useless : Fate::unreadable;
    }
    try {
        if (!parts_.has_run(event.state.name.run)) {
            return Fate::useless;
        }
    } catch (const Error& error) {
        log_warning("the run {} of a task cannot be looked up now: {}", event.state.name.run.value,
                    error.what());
        return Fate::stays;
    }
    {
        auto sinks = sinks_.lock();
        const auto sink = sinks->find(aws::name_in_arn(event.state.cluster_arn));
        if (sink != sinks->end()) {
            sink->second->take(event.state, message.receipt);
            return Fate::taken;
        }
    }
    parts_.on_unknown_cluster();
    return Fate::stays;
}

void TaskEvents::park(const std::vector<SqsMessage>& unreadable) {
    try {
        parts_.parked.take_from(queue_, unreadable);
    } catch (const Error& error) {
        log_warning("messages of the status queue that nobody can read cannot be parked and come again: {}",
                    error.what());
    }
}

void TaskEvents::done(const std::vector<std::string>& receipts) {
    try {
        queue_.remove(receipts);
    } catch (const Error& error) {
        log_warning("messages of the status queue cannot be deleted and come again: {}", error.what());
    }
}

}  // namespace flotilla
