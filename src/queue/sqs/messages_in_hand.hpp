#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/id.hpp"
#include "net/aws/sqs_queue.hpp"

namespace flotilla {

/// The messages of a queue that this server has received and not deleted, by run: SQS shows them to nobody
/// else for a while. Times are those of `Clock::elapsed`. Pure.
class MessagesInHand {
public:
    using Time = std::chrono::microseconds;
    struct Message {
        SqsMessage message;
        Time hidden_until;  ///< then SQS shows it to others
    };

    /// How many are worth having: among so many the turns of owners count.
    static constexpr std::size_t most = 100;
    /// So many more may be there whose runs cannot be started now: they keep no other from coming.
    static constexpr std::size_t most_resting = 1000;

    /// A message of the run was received. Of a run that has one already a second one is of no use.
    void add(const RunId& run, const SqsMessage& message, Time hidden_until);
    /// A message was received that nobody can do anything with.
    void add_poison(const SqsMessage& message) { poison_.push_back(message); }
    /// The run's message is of no use any more.
    void drop(const RunId& run);
    /// The run's message is of no use until another is sent of it.
    void put_away(const RunId& run);
    /// Nobody can do anything with the run's message.
    void reject(const RunId& run);
    /// Those that SQS shows to others are no more in hand.
    void forget_expired(Time now);
    /// Those that are shown to others before `time`.
    [[nodiscard]] std::vector<RunId> expiring_before(Time time) const;

    [[nodiscard]] const std::map<RunId, Message>& by_run() const { return by_run_; }
    /// From here on these runs cannot be started, and those that it said of before can.
    void rest(const std::set<RunId>& runs);
    [[nodiscard]] std::size_t room() const;
    /// The receipt; empty if there is no message of the run.
    [[nodiscard]] std::string receipt(const RunId& run) const;
    void hide_until(const RunId& run, Time time);

    /// Receipts of messages to be deleted.
    [[nodiscard]] std::vector<std::string> take_useless() { return std::exchange(useless_, {}); }
    [[nodiscard]] std::vector<SqsMessage> take_poison() { return std::exchange(poison_, {}); }
    /// Runs of which another message is to be sent, each with the receipt of one to be deleted then.
    [[nodiscard]] std::map<RunId, std::string> take_put_away() { return std::exchange(put_away_, {}); }

private:
    std::map<RunId, Message> by_run_;
    std::set<RunId> resting_;
    std::map<RunId, std::string> put_away_;
    std::vector<std::string> useless_;
    std::vector<SqsMessage> poison_;
};

}  // namespace flotilla
