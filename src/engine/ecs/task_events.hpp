#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "base/wake.hpp"
#include "engine/ecs/event_route.hpp"
#include "engine/ecs/task_state.hpp"
#include "net/aws/parked_messages.hpp"

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

/// Receives the state changes of tasks from the status queue, for all clusters. Of a task that belongs to no
/// run of ours the message is deleted; of one on a cluster that this server does not know it stays, for a
/// server that does; one that cannot be read is parked. Safe to call from any thread.
class TaskEvents {
public:
    struct Parts {
        AwsClient& aws;
        Clock& clock;
        OptionalActions& optional;
        ParkedMessages& parked;
        std::function<bool(const RunId&)> has_run;  ///< whether there is such a run; throws `Error`
        std::function<void()> on_unknown_cluster;   ///< a run of ours is on a cluster that has no sink
    };
    /// `rule` is the name of the EventBridge rule that fills the queue. What is passed by reference outlives
    /// this object.
    TaskEvents(Parts parts, SqsQueue::Options queue, std::string rule);

    /// The sinks, by the names of their clusters, outlive what is received.
    void add(const std::string& cluster, TaskEventSink& sink) { (*sinks_.lock())[cluster] = &sink; }
    void remove(const std::string& cluster) { sinks_.lock()->erase(cluster); }
    /// To be called before a task starts: without a route nobody would be told what becomes of it. See
    /// `EventRoute::ensure`.
    void ensure_route();
    /// Begins to receive, and to keep the route, if that has not begun.
    void start();
    /// What these messages said is stored: they are deleted.
    void done(const std::vector<std::string>& receipts);
    /// Why no events come; nothing if all is well.
    [[nodiscard]] std::optional<std::string> trouble();
    /// See `EventRoute::losses`.
    [[nodiscard]] std::vector<std::string> losses() { return route_.losses(); }

    /// One portion of what is in the queue, for which it waits at most `wait`. Throws `Error`.
    void receive(std::chrono::seconds wait, const std::stop_token& stop);

private:
    enum class Fate { taken, stays, useless, unreadable };

    void run(const std::stop_token& stop);
    void keep_route(const std::stop_token& stop);
    [[nodiscard]] Fate hand_on(const SqsMessage& message);
    void park(const std::vector<SqsMessage>& unreadable);

    Parts parts_;
    SqsQueue queue_;
    EventRoute route_;
    Guarded<std::map<std::string, TaskEventSink*>> sinks_;
    Guarded<std::optional<std::string>> route_trouble_;
    Guarded<std::optional<std::string>> receive_trouble_;
    Wake route_wake_;
    std::once_flag started_;
    std::jthread route_thread_;
    std::jthread thread_;
};

}  // namespace flotilla
