#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "engine/ecs/event_route.hpp"
#include "engine/ecs/task_state.hpp"

namespace flotilla {

/// Who wants to know of the tasks of a cluster.
class TaskEventSink {
public:
    TaskEventSink() = default;
    TaskEventSink(const TaskEventSink&) = delete;
    TaskEventSink& operator=(const TaskEventSink&) = delete;
    virtual ~TaskEventSink() = default;
    /// `receipt` is to be handed to `TaskEvents::done` once what follows from the event is stored.
    virtual void take(const TaskState& state, const std::string& receipt) = 0;
};

/// What became of a message of the status queue.
struct ParsedEvent {
    enum class Kind { task, foreign, malformed } kind = Kind::malformed;
    TaskState state{};
};
[[nodiscard]] ParsedEvent parse_task_event(const std::string& body);

/// Receives the state changes of tasks from the status queue, for all clusters, and makes that queue and its
/// rule first. Messages of other tasks and those that cannot be read are deleted at once; the latter are
/// logged.
class TaskEvents {
public:
    /// `rule` is the name of the EventBridge rule that fills the queue.
    TaskEvents(AwsClient& aws, AccountClusters& clusters, SqsQueue::Options queue, std::string rule)
        : aws_(aws), clusters_(clusters), queue_(aws, std::move(queue)), rule_(std::move(rule)) {}

    /// The sinks, by the names of their clusters, outlive what is received.
    void add(const std::string& cluster, TaskEventSink& sink) { (*sinks_.lock())[cluster] = &sink; }
    void remove(const std::string& cluster) { sinks_.lock()->erase(cluster); }
    /// Makes the queue and what fills it, if that is not done: before the first task starts, or what becomes
    /// of it is not told. Throws `Error`.
    void make_route();
    /// Begins to receive, if that has not begun.
    void start();
    /// What these messages said is stored: they are deleted.
    void done(const std::vector<std::string>& receipts);
    /// Why no events come; nothing if all is well.
    [[nodiscard]] std::optional<std::string> trouble() { return *trouble_.lock(); }

private:
    void run(const std::stop_token& stop);
    void receive(const std::stop_token& stop);
    void hand_on(const SqsMessage& message, std::vector<std::string>& useless);

    AwsClient& aws_;
    AccountClusters& clusters_;
    SqsQueue queue_;
    std::string rule_;
    Guarded<std::map<std::string, TaskEventSink*>> sinks_;
    std::atomic<bool> has_route_ = false;
    Guarded<std::optional<std::string>> trouble_;
    std::once_flag started_;
    std::jthread thread_;
};

}  // namespace flotilla
