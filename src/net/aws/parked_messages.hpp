#pragma once

#include <functional>
#include <span>

#include "net/aws/sqs_queue.hpp"

namespace flotilla {

/// The queue of those messages that nobody can do anything with: whoever looks into the matter finds them
/// there as they came. Safe to call from any thread.
class ParkedMessages {
public:
    /// `count` is called for each message that is moved there.
    ParkedMessages(AwsClient& aws, SqsQueue::Options queue, std::function<void()> count)
        : queue_(aws, std::move(queue)), count_(std::move(count)) {}

    /// Moves messages there that were received from `queue`, and tells each in the log. Throws `Error`; what
    /// was not moved comes again. `stop` ends it.
    void take_from(SqsQueue& queue, std::span<const SqsMessage> messages, const std::stop_token& stop = {});

private:
    SqsQueue queue_;
    std::function<void()> count_;
};

}  // namespace flotilla
