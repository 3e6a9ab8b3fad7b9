#include "queue/sqs/cluster_messages.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/keep_at.hpp"
#include "base/log.hpp"
#include "queue/sqs/run_message.hpp"

namespace flotilla {

namespace {

/// A message that was not acted on for so many process times may be lost.
constexpr int process_times_until_lost = 4;
constexpr std::size_t most_sent = 100;
constexpr std::chrono::microseconds shortest_rest = std::chrono::milliseconds{50};
constexpr const char* by_changing_visibility =
    "messages that are kept for as long as their runs wait, and given back when the server ends";

}  // namespace

ClusterMessages::ClusterMessages(std::string cluster, SqsQueue::Options queue, SqsParts parts,
                                 Wake& submit_wake)
    : cluster_(std::move(cluster)),
      queue_(parts.aws, std::move(queue)),
      parts_(parts),
      due_(parts.database, parts.clock, cluster_, process_times_until_lost * queue_.process_time()),
      submit_wake_(submit_wake) {}

void ClusterMessages::start(std::chrono::microseconds sweep) {
    const auto told_of = [this](const char* what, Guarded<std::optional<std::string>>& trouble) {
        return [this, what, &trouble](const std::exception& error) {
            if (!parts_.aws.is_cancelled()) {
                log_warning("messages of the queue {} cannot be {} now: {}", queue_.name(), what,
                            error.what());
                *trouble.lock() = fmt::format("the queue {}: {}", queue_.name(), error.what());
            }
            wake_.notify();  // it may have to be made anew
        };
    };
    if (carrier_.joinable()) {
        return;
    }
    carrier_ =
        std::jthread([this, sweep, tell = told_of("sent", carry_trouble_)](const std::stop_token& stop) {
            keep_at(
                stop,
                [&] {
                    carry(stop);
                    carry_trouble_.lock()->reset();
                    wake_.wait(stop, until_next(sweep));
                },
                tell);
        });
    receiver_ =
        std::jthread([this, tell = told_of("received", receive_trouble_)](const std::stop_token& stop) {
            keep_at(
                stop,
                [&] {
                    if (queue_.url().empty() || state_.lock()->room() == 0) {
                        receive_wake_.wait(stop, SqsQueue::longest_poll);
                    } else {
                        receive(SqsQueue::longest_poll, stop);
                        receive_trouble_.lock()->reset();
                    }
                },
                tell);
        });
}

void ClusterMessages::request_stop() {
    carrier_.request_stop();
    receiver_.request_stop();
}

void ClusterMessages::close(const std::stop_token& stop) {
    request_stop();
    for (std::jthread* const thread : {&carrier_, &receiver_}) {
        if (thread->joinable()) {
            thread->join();
        }
    }
    MessagesInHand left = std::exchange(*state_.lock(), {});
    queue_.remove(left.take_useless(), stop);
    std::vector<std::string> receipts;
    for (const auto& [run, known] : left.by_run()) {
        receipts.push_back(known.message.receipt);
    }
    if (!receipts.empty()) {
        parts_.optional.attempt(by_changing_visibility,
                                [&] { return queue_.hide(receipts, std::chrono::seconds{0}, stop); });
    }
}

std::vector<RunId> ClusterMessages::in_hand() {
    std::vector<RunId> runs;
    auto state = state_.lock();
    state->forget_expired(parts_.clock.elapsed());
    for (const auto& [run, known] : state->by_run()) {
        runs.push_back(run);
    }
    return runs;
}

void ClusterMessages::look(const HeldRuns& held) {
    *held_.lock() = held;
    bool made_room = false;
    {
        auto state = state_.lock();
        const bool had_room = state->room() > 0;
        state->rest(held.runs);
        made_room = !had_room && state->room() > 0;
    }
    if (made_room) {
        receive_wake_.notify();
    }
    wake_.notify();
}

void ClusterMessages::drop(const RunId& run) {
    state_.lock()->drop(run);
    wake_.notify();
}

void ClusterMessages::put_away(const RunId& run) {
    state_.lock()->put_away(run);
    wake_.notify();
}

void ClusterMessages::reject(const RunId& run) {
    state_.lock()->reject(run);
    wake_.notify();
}

bool ClusterMessages::is_in_hand(const RunId& run) {
    return state_.lock()->by_run().contains(run);
}

std::optional<std::string> ClusterMessages::trouble() {
    auto trouble = *carry_trouble_.lock();
    return trouble ? trouble : *receive_trouble_.lock();
}

void ClusterMessages::carry(const std::stop_token& stop) {
    if (queue_.url().empty()) {
        is_empty_ |= queue_.ensure(stop);
        receive_wake_.notify();
    }
    if (is_empty_) {
        due_.put_back_all();
        is_empty_ = false;
    }
    hold(stop);
    put_away_held(stop);
    remove_useless(stop);
    park_poison(stop);
    send_due(stop);
}

/// Keeps what is in hand hidden from others, where half of the time for it is over.
void ClusterMessages::hold(const std::stop_token& stop) {
    const auto now = parts_.clock.elapsed();
    std::vector<RunId> runs;
    std::vector<std::string> receipts;
    {
        auto state = state_.lock();
        state->forget_expired(now);
        runs = state->expiring_before(now + std::chrono::microseconds(queue_.process_time()) / 2);
        for (const RunId& run : runs) {
            receipts.push_back(state->receipt(run));
        }
    }
    if (receipts.empty()) {
        return;
    }
    const auto failed = parts_.optional.attempt(
        by_changing_visibility, [&] { return queue_.hide(receipts, queue_.process_time(), stop); });
    may_hold_ = failed.has_value();
    if (!failed) {
        return;  // they expire, and come again
    }
    auto state = state_.lock();
    for (std::size_t place = 0; place < runs.size(); ++place) {
        const bool is_held = std::find(failed->begin(), failed->end(), place) == failed->end();
        state->hide_until(runs[place],
                          is_held ? now + std::chrono::microseconds(queue_.process_time()) : now);
    }
}

/// The store first: a message that is not deleted then comes again, and one that is not sent would not.
void ClusterMessages::put_away_held(const std::stop_token& stop) {
    const auto messages = state_.lock()->take_put_away();
    if (messages.empty()) {
        return;
    }
    receive_wake_.notify();
    std::vector<RunId> runs;
    std::vector<std::string> receipts;
    for (const auto& [run, receipt] : messages) {
        runs.push_back(run);
        receipts.push_back(receipt);
    }
    due_.put_back(runs);
    queue_.remove(receipts, stop);
}

void ClusterMessages::remove_useless(const std::stop_token& stop) {
    const auto receipts = state_.lock()->take_useless();
    if (!receipts.empty()) {
        receive_wake_.notify();
        queue_.remove(receipts, stop);
    }
}

void ClusterMessages::park_poison(const std::stop_token& stop) {
    const auto messages = state_.lock()->take_poison();
    parts_.parked.take_from(queue_, messages, stop);
}

/// Some of them: what is in hand must not wait for long.
void ClusterMessages::send_due(const std::stop_token& stop) {
    const auto runs = due_.take(most_sent, *held_.lock());
    if (runs.empty()) {
        return;
    }
    crash_point("sqs.message_noted");
    std::vector<std::string> bodies;
    bodies.reserve(runs.size());
    for (const RunId& run : runs) {
        bodies.push_back(run_message(run));
    }
    try {
        const auto failed = queue_.send(bodies, stop);
        if (!failed.empty()) {
            throw unavailable("SQS did not take {} of {} messages", failed.size(), bodies.size());
        }
    } catch (const Error&) {
        due_.put_back(runs);
        throw;
    }
    if (runs.size() >= most_sent) {
        wake_.notify();
    }
}

std::chrono::microseconds ClusterMessages::until_next(std::chrono::microseconds sweep) {
    const auto now = parts_.clock.elapsed();
    auto next = now + sweep;
    if (may_hold_) {
        auto state = state_.lock();
        for (const auto& [run, known] : state->by_run()) {
            next = std::min(next, known.hidden_until - std::chrono::microseconds(queue_.process_time()) / 2);
        }
    }
    return std::max(next - now, shortest_rest);
}

void ClusterMessages::receive(std::chrono::seconds wait, const std::stop_token& stop) {
    const auto room = state_.lock()->room();
    const auto messages = queue_.receive(room, wait, stop);
    if (messages.empty()) {
        return;
    }
    const auto hidden_until = parts_.clock.elapsed() + queue_.process_time();
    {
        auto state = state_.lock();
        for (const SqsMessage& message : messages) {
            if (const auto run = run_in_message(message.body)) {
                state->add(*run, message, hidden_until);
            } else {
                state->add_poison(message);
            }
        }
    }
    wake_.notify();
    submit_wake_.notify();
}

}  // namespace flotilla
