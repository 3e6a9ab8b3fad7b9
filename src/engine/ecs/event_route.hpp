#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

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
    /// again within a second is told the same.
    void ensure();
    /// Looks, each five minutes, whether all is there still and works: what somebody removed or disabled the
    /// next `ensure` makes anew. What may not be looked at is made again here, and what was found and not
    /// made, each minute. Nobody else waits for this.
    void look_again();
    /// What is lost of the states, each with why in one line: those of a while, as was found at the last
    /// look, and the look itself where it failed.
    [[nodiscard]] std::vector<std::string> losses();

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
        std::chrono::microseconds looked_at{};  ///< likewise: whether all that was made is there
    };

    /// Of the way: what SQS says of the queue.
    struct Ends {
        std::string queue_arn;
        std::string policy;
    };

    [[nodiscard]] Progress make();
    /// What it was before; nothing where it is no time yet to look again.
    [[nodiscard]] std::optional<Progress> begin_look();
    void look_at(Progress before);
    /// False if that cannot be done now.
    [[nodiscard]] bool improve();
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
    Guarded<std::optional<std::string>> look_failure_;
};

}  // namespace flotilla
