#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/fence.hpp"
#include "base/random.hpp"
#include "cluster/clusters.hpp"
#include "core/retry.hpp"
#include "queue/run_queue.hpp"
#include "store/run_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

struct SubmitOptions {
    RetryRules retry;
    std::chrono::microseconds sweep = std::chrono::seconds{5};
    const Fence* fence = nullptr;  ///< when it is closed nothing is taken; null: never
    /// Whether other servers may give this host up: then what the engine may have started is stored first.
    bool has_peers = false;
};

/// Takes waiting runs of one cluster and hands them to its engine, as many as there is room for.
class SubmitWorker final : public Worker {
public:
    SubmitWorker(const ServedCluster& cluster, RunQueue& queue, RunStore& runs, Clock& clock, Random& random,
                 SubmitOptions options, Wake& retry_wake)
        : cluster_(cluster),
          queue_(queue),
          runs_(runs),
          clock_(clock),
          random_(random),
          options_(options),
          retry_wake_(retry_wake) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override;

private:
    static constexpr std::size_t most_taken_at_once = 16;

    /// Stores that the engine is asked; false if the run is no longer this host's to start.
    bool announce(const Run& run);
    /// What became of an attempt that the engine was asked to run.
    struct Settled {
        AttemptName name;
        ChangeKind change;
    };
    /// It is not wanted any more, and never reached the engine.
    struct NotAsked {};
    /// Nobody knows whether the engine has it.
    struct NoAnswer {
        std::string reason;
    };
    /// What the engine said of a run.
    struct Answer {
        TimePoint asked_at{};  ///< before the engine may have started it
        std::variant<NotAsked, NoAnswer, SubmitOutcome> said;
    };

    /// What became of the runs of a step.
    struct Outcome {
        std::vector<Settled> settled;
        std::vector<std::pair<RunQueue::Lease*, Turn>> deferred;  ///< the engine does not have them
        bool is_anything_held = false;                            ///< others may have a turn in their stead
    };

    /// Offers runs to the engine, all at once, and adds what became of them.
    void hand_over(std::span<RunQueue::Lease> leases, Outcome& outcome);
    [[nodiscard]] std::vector<Answer> ask_all(const std::vector<RunQueue::Lease*>& leases);
    [[nodiscard]] Answer ask(const Run& run);
    /// Why the engine takes nothing, or does not answer; nothing if it does.
    [[nodiscard]] static std::optional<std::string> trouble_in(const Answer& answer);
    [[nodiscard]] static Turn turn_after(const Answer& answer);
    /// What becomes of a run by that answer; nothing if it did not come.
    std::optional<ChangeKind> change_by(const Run& run, const Answer& answer, Outcome& outcome);
    /// In one transaction: what many runs cost a disk is little more than what one does.
    void record(const std::vector<Settled>& settled);
    /// Tells the engine and the other workers what follows from it.
    void tell_of(const Run& stored, const Settled& settled);
    [[nodiscard]] bool may_start() const { return options_.fence == nullptr || options_.fence->is_open(); }
    void back_off(const std::string& reason);
    void hold(const Run& run, const NoRoom& answer);
    void hold(const Run& run, const NotYet& answer);

    const ServedCluster& cluster_;
    RunQueue& queue_;
    RunStore& runs_;
    Clock& clock_;
    Random& random_;
    SubmitOptions options_;
    Wake& retry_wake_;
    /// While the engine has no room or no answer: slower each time.
    std::chrono::microseconds delay_{0};
    std::chrono::microseconds not_before_{0};  ///< `Clock::elapsed`
    /// How many runs are offered at once, at most: one after the engine had no room, and one more for each
    /// that it takes.
    std::size_t width_ = most_taken_at_once;
};

}  // namespace flotilla
