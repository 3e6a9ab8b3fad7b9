#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/guarded.hpp"
#include "net/aws/optional_actions.hpp"
#include "net/aws/sqs_queue.hpp"

namespace flotilla {

/// The way by which the states of tasks come to a queue: the queue, a rule of EventBridge that sends it the
/// states of all tasks that Flotilla starts, whatever their cluster, and the queue's policy, which lets it.
/// What is missing is made, also where somebody removes it later. Safe to call from any thread.
class EventRoute {
public:
    /// What is passed by reference outlives this object.
    EventRoute(AwsClient& aws, Clock& clock, OptionalActions& optional, SqsQueue& queue, std::string rule)
        : aws_(aws), clock_(clock), optional_(optional), queue_(queue), rule_(std::move(rule)) {}

    /// Sees to it that states come. Throws `Error` if they do not, or if that cannot be known; who calls
    /// again within a second is told the same. That all is there still, and works, is looked at each five
    /// minutes.
    void ensure();
    /// Why states did not come for a while, as was found at the last look; nothing if they came.
    [[nodiscard]] std::optional<std::string> gap() { return *gap_.lock(); }

private:
    enum class Progress {
        none,
        found,  ///< somebody made it before; it may not be such as we would make it
        made,
    };
    struct Known {
        Progress progress = Progress::none;
        std::optional<std::chrono::microseconds> tried_at;  ///< `Clock::elapsed`
        std::string failure;
        std::optional<std::chrono::microseconds> looked_at;  ///< whether all that was made is there
    };

    /// Of the way: what SQS says of the queue.
    struct Ends {
        std::string queue_arn;
        std::string policy;
    };

    void make(Known& known);
    void look_again(Known& known, std::chrono::microseconds now);
    [[nodiscard]] Ends look();
    [[nodiscard]] std::optional<bool> sends_to(const std::string& queue_arn);
    [[nodiscard]] std::optional<bool> is_enabled();
    void put_rule();
    void put_policy(const std::string& policy, const std::string& queue_arn);
    void put_target(const std::string& queue_arn);

    AwsClient& aws_;
    Clock& clock_;
    OptionalActions& optional_;
    SqsQueue& queue_;
    std::string rule_;
    Guarded<Known> known_;
    Guarded<std::optional<std::string>> gap_;
};

}  // namespace flotilla
