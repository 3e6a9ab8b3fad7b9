#pragma once

#include <set>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/random.hpp"
#include "base/wake.hpp"
#include "cluster/clusters.hpp"
#include "core/retry.hpp"
#include "queue/run_queue.hpp"
#include "store/run_store.hpp"

namespace flotilla {

/// Brings what an engine says into the store, and tells the engine and the other workers what follows from
/// it.
class EngineRecorder {
public:
    EngineRecorder(const ServedCluster& cluster, RunQueue& queue, RunStore& runs, Clock& clock,
                   Random& random, RetryRules retry, Wake& retry_wake)
        : cluster_(cluster),
          queue_(queue),
          runs_(runs),
          clock_(clock),
          random_(random),
          retry_(retry),
          retry_wake_(retry_wake) {}

    /// Stores all of it in one transaction. Old or repeated news changes nothing. What the store cannot hold
    /// is told once and left out: the engine says it again whenever it is asked.
    void record(const std::vector<EngineNews>& news);

    /// Ends attempts that the engine had and does not know any more. They may have started, so the platform
    /// does not try them again.
    void record_lost(const std::vector<AttemptName>& names);

    /// Has the engine forget an attempt whose end is stored, or that no run needs. Not while its run is
    /// leased: who holds the lease may be about to ask the engine for it by its name, and what the engine
    /// does not know any more it would start again.
    void forget(const AttemptName& name);

private:
    /// In one transaction. Wakes the retry worker if there is something for it to do.
    void store(const std::vector<RunNews>& changes);
    /// The same, or each alone where one of them cannot be stored: says which cannot.
    [[nodiscard]] std::set<AttemptName> store_what_can_be(const std::vector<RunNews>& changes);
    /// Whether the change was stored.
    [[nodiscard]] bool store_alone(const RunNews& change);

    const ServedCluster& cluster_;
    RunQueue& queue_;
    RunStore& runs_;
    Clock& clock_;
    Random& random_;
    RetryRules retry_;
    Wake& retry_wake_;
    Guarded<std::set<AttemptName>> told_;  ///< those of which it was told that they cannot be stored
};

}  // namespace flotilla
