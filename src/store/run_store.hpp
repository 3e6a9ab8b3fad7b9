#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/lifecycle.hpp"
#include "core/list_query.hpp"
#include "core/run.hpp"
#include "core/run_census.hpp"
#include "core/run_summary.hpp"

namespace flotilla {

/// A change and the run that it is about.
struct RunNews {
    RunId run;
    RunChange change;
};

/// A cluster as runs name it.
struct ClusterInUse {
    std::string name;
    std::string engine;
    std::int64_t waiting = 0;  ///< runs that wait for their turn or their next attempt
    std::int64_t live = 0;     ///< runs that may be alive on this host
};

/// How long an idempotence key stands for its run.
constexpr std::chrono::hours key_lifetime{7 * 24};

/// Where runs are kept: the one source of truth about them.
/// Safe to call from any thread; throws `unavailable` when the database cannot be reached.
class RunStore {
public:
    RunStore() = default;
    RunStore(const RunStore&) = delete;
    RunStore& operator=(const RunStore&) = delete;
    virtual ~RunStore() = default;

    /// Stores a new run and returns it; if its definition has a run of the same idempotence key that was made
    /// within `key_lifetime` before it, stores nothing and returns that one. Throws `conflict` if its id is
    /// taken, `not_found` if its definition is gone.
    virtual Run insert(const Run& run) = 0;
    /// The definition's run of that idempotence key, if it was made within `key_lifetime` before `now`.
    [[nodiscard]] virtual std::optional<Run> find_by_key(const DefinitionId& definition,
                                                         const std::string& key, TimePoint now) = 0;
    [[nodiscard]] virtual std::optional<Run> find(const RunId& id) = 0;
    [[nodiscard]] virtual Page<Run> list(const ListQuery& query) = 0;

    /// The newest runs of each of the definitions, at most `query.limit` of each: by definition in the order
    /// of `query`, the newest first.
    [[nodiscard]] virtual std::vector<RunSummary> recent(const RecentQuery& query) = 0;

    /// Applies `change` (see `apply`) in one transaction and returns the run as stored afterwards; nothing if
    /// the run does not exist.
    virtual std::optional<Run> advance(const RunId& id, const RunChange& change) = 0;
    /// The same for many changes in one transaction; what exists comes back in the order of `news`.
    virtual std::vector<Run> advance_all(const std::vector<RunNews>& news) = 0;

    /// Runs of the cluster whose current attempt may be alive at its engine on this host.
    [[nodiscard]] virtual std::vector<Run> live(const std::string& cluster) = 0;
    /// Those of them whose container has to go (`Run::is_unwanted`).
    [[nodiscard]] virtual std::vector<Run> unwanted(const std::string& cluster) = 0;
    /// The clusters that have a run which waits, or is alive on this host, with their engines, each once.
    [[nodiscard]] virtual std::vector<ClusterInUse> clusters_in_use() = 0;
    /// The image digests of all runs that have not ended.
    [[nodiscard]] virtual std::set<std::string> image_digests_in_use() = 0;
    /// Runs of any cluster whose back-off is over at `now`, at most `most` of them.
    [[nodiscard]] virtual std::vector<Run> due_for_retry(TimePoint now, std::int64_t most) = 0;
    /// When the first of the back-offs ends.
    [[nodiscard]] virtual std::optional<TimePoint> next_retry() = 0;
    /// Runs of any cluster that have waited or run for longer than they may at `now`, at most `most` of them.
    [[nodiscard]] virtual std::vector<Run> overdue(TimePoint now, std::int64_t most) = 0;
    /// When the first of those times is over.
    [[nodiscard]] virtual std::optional<TimePoint> next_deadline() = 0;
    /// Moves all times of the runs that have not ended, since the clock from which they were read was set by
    /// so much, forward if positive; says how many runs that were. How long they have waited and run, what of
    /// it they may still do, and whose turn it is stay what they were.
    virtual std::int64_t clock_was_set(std::chrono::microseconds by) = 0;
    /// The runs that have not ended, counted. What it costs does not depend on those that have.
    [[nodiscard]] virtual RunCensus census() = 0;
};

}  // namespace flotilla
