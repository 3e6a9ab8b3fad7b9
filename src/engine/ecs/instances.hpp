#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/guarded.hpp"
#include "core/run.hpp"
#include "net/aws/client.hpp"
#include "net/aws/optional_actions.hpp"

namespace flotilla {

/// Which EC2 instances the container instances of clusters are, and their names. A thread of its own asks
/// AWS, so that nobody waits for a name who has more to tell. What was found is remembered, what was not is
/// asked for again after a minute. Safe to call from any thread.
class Instances {
public:
    /// What is passed by reference outlives this object.
    Instances(AwsClient& aws, Clock& clock, OptionalActions& optional,
              std::chrono::milliseconds patience = std::chrono::seconds{1});

    /// What is known of it. For an answer of AWS it waits for as long as the patience lasts, and not at all
    /// while AWS gives none.
    [[nodiscard]] Instance find(const std::string& cluster, const std::string& container_instance);
    /// Why AWS gives no answer; nothing if all is well.
    [[nodiscard]] std::optional<std::string> trouble() { return state_.lock()->trouble; }

private:
    struct Known {
        Instance instance{};
        bool is_asked_for = false;
        std::optional<std::chrono::microseconds> asked_at{};  ///< `Clock::elapsed`
    };
    struct Question {
        std::string cluster;
        std::string container_instance;
    };
    struct State {
        std::map<std::string, Known> known;  ///< by the ARN of the container instance
        std::deque<Question> questions;
        std::optional<std::string> trouble;
    };

    void run(const std::stop_token& stop);
    void answer(const Question& question);
    void ask(const Question& question);
    [[nodiscard]] std::string id_of(const Question& question);
    [[nodiscard]] std::string dns_name_of(const std::string& ec2_instance);

    AwsClient& aws_;
    Clock& clock_;
    OptionalActions& optional_;
    std::chrono::milliseconds patience_;
    Guarded<State> state_;
    std::condition_variable_any has_questions_;
    std::condition_variable_any has_answers_;
    std::jthread thread_;
};

}  // namespace flotilla
