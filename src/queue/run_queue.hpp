#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cluster.hpp"
#include "core/needs.hpp"
#include "core/run.hpp"

namespace flotilla {

/// Whether the owner of a run that goes back to the queue is the next, or had its turn.
enum class Turn { kept, used };

/// Hands out waiting runs in their turn: owners take turns, within an owner the order of arrival decides, and
/// a run that does not fit may be passed by smaller ones for a while. Safe to call from any thread.
class RunQueue {
public:
    RunQueue() = default;
    RunQueue(const RunQueue&) = delete;
    RunQueue& operator=(const RunQueue&) = delete;
    virtual ~RunQueue() = default;

    class Lease;

    /// Leases at most `most` runs whose turn it is and for which the cluster has room. Each lease holds the
    /// room of its run, and the intent to submit the run is stored (phase `submitting`). Leases that a
    /// process left behind when it died are handed out again. What is `held` is not leased: a size that is
    /// counts as one that does not fit, a run that is, or whose revision is, has no turn and keeps its age.
    [[nodiscard]] virtual std::vector<Lease> take(const Cluster& cluster, std::size_t most,
                                                  const HeldRuns& held) = 0;

    /// Whether somebody holds a lease of the run, who may be about to hand it to its engine.
    [[nodiscard]] virtual bool is_leased(const RunId& id) = 0;

    /// What the run, which waits for the cluster, waits for, as one sentence: what there is no room for, and
    /// its place in the queue.
    [[nodiscard]] virtual std::string waiting_for(const Run& run, const Cluster& cluster) = 0;

    /// Why nothing can be taken of the cluster now, in one line; nothing if all is well.
    [[nodiscard]] virtual std::optional<std::string> trouble(const Cluster& cluster) {
        static_cast<void>(cluster);
        return std::nullopt;
    }

private:
    /// The lease is over: the run has moved on, or is handed out again.
    virtual void finish(const Run& run) noexcept = 0;
    /// The lease is over: the run waits again.
    virtual void give_back(const Run& run, Turn turn) noexcept = 0;
};

/// One run to be submitted. Left without a word it goes back to the queue, or, once it was offered, is handed
/// out again in phase `submitting`: of what the engine may have, another must never take the room.
class RunQueue::Lease {
public:
    Lease(RunQueue& queue, Run run) : queue_(&queue), run_(std::move(run)) {}
    Lease(Lease&& other) noexcept
        : queue_(std::exchange(other.queue_, nullptr)),
          run_(std::move(other.run_)),
          is_offered_(other.is_offered_) {}
    Lease& operator=(Lease&& other) noexcept {
        std::swap(queue_, other.queue_);
        std::swap(run_, other.run_);
        std::swap(is_offered_, other.is_offered_);
        return *this;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
        if (queue_ != nullptr) {
            is_offered_ ? done() : give_back();
        }
    }

    [[nodiscard]] const Run& run() const { return run_; }
    /// From here on the engine may have the run.
    void offer() { is_offered_ = true; }
    /// The engine does not have the run: it waits again.
    void give_back(Turn turn = Turn::kept) { std::exchange(queue_, nullptr)->give_back(run_, turn); }
    /// The engine has the run, or it has ended.
    void done() { std::exchange(queue_, nullptr)->finish(run_); }

private:
    RunQueue* queue_;
    Run run_;
    bool is_offered_ = false;
};

/// Where runs of which cluster wait. The queues outlive this object.
struct RunQueues {
    RunQueue& on_hosts;   ///< of clusters on the hosts of servers
    RunQueue& elsewhere;  ///< of the others

    [[nodiscard]] RunQueue& of(const Cluster& cluster) const {
        return cluster.is_elsewhere ? elsewhere : on_hosts;
    }
};

}  // namespace flotilla
