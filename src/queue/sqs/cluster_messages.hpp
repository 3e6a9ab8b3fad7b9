#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/wake.hpp"
#include "net/aws/optional_actions.hpp"
#include "net/aws/parked_messages.hpp"
#include "net/aws/sqs_queue.hpp"
#include "queue/sqs/due_messages.hpp"
#include "queue/sqs/messages_in_hand.hpp"

namespace flotilla {

/// What the queues of all clusters share.
struct SqsParts {
    SqlDatabase& database;
    Clock& clock;
    AwsClient& aws;
    OptionalActions& optional;
    ParkedMessages& parked;
};

/// The SQS queue of a cluster: a thread sends a message of each run that waits, and deletes those that are of
/// no use any more; another receives. A message stays in hand, hidden from other servers, while its run waits
/// here or is handed over.
class ClusterMessages {
public:
    /// `submit_wake` is woken when messages came. What is passed by reference outlives this object.
    ClusterMessages(std::string cluster, SqsQueue::Options queue, SqsParts parts, Wake& submit_wake);

    [[nodiscard]] const SqsQueue& queue() const { return queue_; }
    /// Goes on by itself from here on, until `close`, if it does not already. A look at what is to be sent
    /// comes each `sweep` at the latest.
    void start(std::chrono::microseconds sweep);
    /// Receives and sends nothing more; what is being asked of SQS ends.
    void request_stop();
    /// Stops, and shows what is in hand to other servers at once, unless `stop` comes first. Throws `Error`.
    void close(const std::stop_token& stop = {});

    /// There may be something to send, or to delete. Of what is held no messages are sent, and those that are
    /// in hand keep no others from being received.
    void look(const HeldRuns& held);
    [[nodiscard]] std::vector<RunId> in_hand();
    [[nodiscard]] bool is_in_hand(const RunId& run);
    /// Its run does not wait any more.
    void drop(const RunId& run);
    /// Its run is held with its revision: another message is sent when it is not any more.
    void put_away(const RunId& run);
    /// Nobody knows its run.
    void reject(const RunId& run);
    /// Why runs may not get there, or from there; nothing if all is well.
    [[nodiscard]] std::optional<std::string> trouble();

    /// What the threads do, once.
    void carry(const std::stop_token& stop = {});
    void receive(std::chrono::seconds wait, const std::stop_token& stop);

private:
    void hold(const std::stop_token& stop);
    void put_away_held(const std::stop_token& stop);
    void remove_useless(const std::stop_token& stop);
    void park_poison(const std::stop_token& stop);
    void send_due(const std::stop_token& stop);
    [[nodiscard]] std::chrono::microseconds until_next(std::chrono::microseconds sweep);

    std::string cluster_;
    SqsQueue queue_;
    SqsParts parts_;
    DueMessages due_;
    Wake& submit_wake_;
    Wake wake_;
    Wake receive_wake_;  ///< there is the queue, or room in hand again
    Guarded<MessagesInHand> state_;
    Guarded<HeldRuns> held_;
    bool is_empty_ = false;  ///< the queue was made, and nothing was sent to it yet
    bool may_hold_ = true;   ///< known once it was tried
    Guarded<std::optional<std::string>> carry_trouble_;
    Guarded<std::optional<std::string>> receive_trouble_;
    std::jthread carrier_;
    std::jthread receiver_;
};

}  // namespace flotilla
