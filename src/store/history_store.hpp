#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "core/run.hpp"

namespace flotilla {

/// The end of what is kept of runs. Several servers may do this at once. Safe to call from any thread; throws
/// `unavailable` when the database cannot be reached.
class HistoryStore {
public:
    HistoryStore() = default;
    HistoryStore(const HistoryStore&) = delete;
    HistoryStore& operator=(const HistoryStore&) = delete;
    virtual ~HistoryStore() = default;

    /// Removes runs that finished before `before`, the first of them first, at most `most`, in one
    /// transaction; says how many. One that ended nobody knows when counts by when it was queued. One whose
    /// idempotence key still stands for it at `now` stays. What logs they have is noted for their hosts.
    virtual std::int64_t remove_finished(TimePoint before, TimePoint now, std::int64_t most) = 0;
    /// Runs that were removed and whose logs on this host were not yet, at most `most`.
    [[nodiscard]] virtual std::vector<RunId> logs_to_remove(std::int64_t most) = 0;
    /// Their logs are gone from this host.
    virtual void logs_are_removed(const std::vector<RunId>& runs) = 0;
};

}  // namespace flotilla
