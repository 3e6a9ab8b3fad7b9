#include "queue/sqs/messages_in_hand.hpp"

#include <iterator>

namespace flotilla {

void MessagesInHand::add(const RunId& run, const SqsMessage& message, Time hidden_until) {
    const auto known = by_run_.find(run);
    if (known != by_run_.end() && known->second.message.id != message.id) {
        useless_.push_back(message.receipt);
    } else {
        by_run_.insert_or_assign(run, Message{message, hidden_until});
    }
}

void MessagesInHand::rest(const std::set<RunId>& runs) {
    resting_ = runs;
}

std::size_t MessagesInHand::room() const {
    const auto resting = static_cast<std::size_t>(std::count_if(
        resting_.begin(), resting_.end(), [&](const RunId& run) { return by_run_.contains(run); }));
    return most - std::min(most, by_run_.size() - std::min(resting, most_resting));
}

void MessagesInHand::drop(const RunId& run) {
    if (auto known = by_run_.extract(run)) {
        useless_.push_back(std::move(known.mapped().message.receipt));
    }
}

void MessagesInHand::put_away(const RunId& run) {
    if (auto known = by_run_.extract(run)) {
        put_away_.insert_or_assign(run, std::move(known.mapped().message.receipt));
    }
}

void MessagesInHand::reject(const RunId& run) {
    if (auto known = by_run_.extract(run)) {
        poison_.push_back(std::move(known.mapped().message));
    }
}

void MessagesInHand::forget_expired(Time now) {
    std::erase_if(by_run_, [&](const auto& entry) { return entry.second.hidden_until <= now; });
}

std::vector<RunId> MessagesInHand::expiring_before(Time time) const {
    std::vector<RunId> runs;
    for (const auto& [run, message] : by_run_) {
        if (message.hidden_until <= time) {
            runs.push_back(run);
        }
    }
    return runs;
}

std::string MessagesInHand::receipt(const RunId& run) const {
    const auto known = by_run_.find(run);
    return known == by_run_.end() ? "" : known->second.message.receipt;
}

void MessagesInHand::hide_until(const RunId& run, Time time) {
    if (const auto known = by_run_.find(run); known != by_run_.end()) {
        known->second.hidden_until = time;
    }
}

}  // namespace flotilla
