#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "engine/ecs/task_state.hpp"
#include "engine/engine.hpp"

namespace flotilla {

/// The attempts of a cluster that were taken, as far as ECS told of their tasks, and what of that is news.
/// `clock` outlives this object. Safe to use from any thread.
class KnownAttempts {
public:
    explicit KnownAttempts(Clock& clock) : clock_(clock) {}

    /// ECS took it; gives the ARN of its task, which an event may have told before.
    std::string accept(const Task& task, const std::string& arn);
    /// Those are live. Gives those of which it is not known which task is theirs, and of which nothing was
    /// heard for long.
    [[nodiscard]] std::vector<AttemptName> take_over(const std::vector<TakenAttempt>& live);
    /// The task of one of which that was not known.
    void name_task(const AttemptName& name, const std::string& arn);
    /// ECS tells of a task. Of what is not newer than what it told before nothing is news.
    void tell(const TaskState& task, const Instance& instance);
    /// As `tell`, by a message whose receipt comes with the news.
    void tell(const TaskState& task, const Instance& instance, const std::string& receipt);
    void set_instance(const AttemptName& name, const Instance& instance);
    /// Its end is stored: of its task nothing is news any more.
    void forget(const AttemptName& name);

    /// ECS does not know the tasks of these, and why.
    void miss(const std::string& why,
              const std::function<bool(const AttemptName&, const std::string& arn)>& which);
    /// Drops those that have been missing for a while: a task that has just begun may not be known
    /// everywhere.
    void give_up_missing();
    [[nodiscard]] std::string why_missing() { return state_.lock()->why_missing; }
    /// How many are missing, and why, in one line; nothing if none are.
    [[nodiscard]] std::optional<std::string> missing();

    /// Nothing if none is known.
    [[nodiscard]] std::optional<std::string> task_of(const AttemptName& name);
    /// The task to be stopped, which from here on counts as asked for; nothing if there is none, it has
    /// stopped, or that was asked for lately. Throws `unavailable` where it is not known which it is.
    [[nodiscard]] std::optional<std::string> task_to_stop(const AttemptName& name);
    /// It could not be asked for.
    void stop_failed(const AttemptName& name);
    /// Tasks of live attempts of which nothing was heard for long, or that ECS did not know. What is not live
    /// any more, and silent, is dropped: another server was told of its end.
    [[nodiscard]] std::vector<std::string> tasks_to_look_for(const std::set<AttemptName>& live);
    /// Its task, if it was told of it as started.
    [[nodiscard]] std::optional<TaskState> started_task(const AttemptName& name);
    /// Nothing if its name is not known.
    [[nodiscard]] std::optional<Instance> instance_of(const AttemptName& name);
    [[nodiscard]] std::optional<Observation> observation(const AttemptName& name);
    [[nodiscard]] std::vector<AttemptName> names();

    /// Waits for news.
    [[nodiscard]] std::vector<EngineNews> wait_for_news(std::stop_token stop,
                                                        std::chrono::milliseconds timeout);
    /// The receipts of the messages that told the news that were handed out.
    [[nodiscard]] std::vector<std::string> take_receipts() { return std::exchange(state_.lock()->told, {}); }

private:
    struct Attempt {
        /// Its `last_status` is empty while nothing but the ARN is known, and the ARN until an event told it.
        TaskState state;
        Instance instance{};
        std::int64_t memory = 0;               ///< MiB; 0: not known
        std::chrono::microseconds heard_at{};  ///< `Clock::elapsed`, as the next ones
        std::optional<std::chrono::microseconds> asked_to_end_at{};
        std::optional<std::chrono::microseconds> missing_since{};  ///< ECS did not know it
        std::optional<Observation> told{};
    };
    struct State {
        std::map<AttemptName, Attempt> attempts;
        std::map<std::string, std::chrono::microseconds> forgotten;  ///< ARNs of tasks, and when
        std::vector<EngineNews> news;
        std::vector<std::string> receipts;       ///< of the messages that told the news
        std::vector<std::string> told;           ///< likewise, of news that was handed out
        std::string why_missing = unknown_task;  ///< of those that ECS did not know

        /// Null if it is not known.
        [[nodiscard]] Attempt* find(const AttemptName& name);
    };
    void apply(State& state, const TaskState& news, const Instance& instance);

    Clock& clock_;
    Guarded<State> state_;
    std::condition_variable_any has_news_;
};

}  // namespace flotilla
