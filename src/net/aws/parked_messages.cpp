#include "net/aws/parked_messages.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace flotilla {

void ParkedMessages::take_from(SqsQueue& queue, std::span<const SqsMessage> messages,
                               const std::stop_token& stop) {
    if (messages.empty()) {
        return;
    }
    std::vector<std::string> bodies;
    for (const SqsMessage& message : messages) {
        bodies.push_back(message.body);
    }
    queue_.ensure(stop);
    const auto failed = queue_.send(bodies, stop);
    std::vector<std::string> receipts;
    for (std::size_t place = 0; place < messages.size(); ++place) {
        if (std::find(failed.begin(), failed.end(), place) == failed.end()) {
            receipts.push_back(messages[place].receipt);
            count_();
            log_event(
                LogLevel::warning, "queue_message_parked",
                {{"queue", queue.name()}, {"parked_in", queue_.name()}, {"message_id", messages[place].id}});
        }
    }
    queue.remove(receipts, stop);
}

}  // namespace flotilla
