#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/run_status.hpp"
#include "simulation/history.hpp"
#include "simulation/memory_database.hpp"

namespace flotilla::simulation {

/// A run as it is stored.
struct StoredRun {
    std::string fixed;  ///< all that never changes
    std::string definition;
    std::string cluster;
    std::string owner;
    RunStatus status = RunStatus::queued;
    AttemptPhase phase = AttemptPhase::waiting;
    int attempt = 1;
    std::string handle;
    std::optional<std::int64_t> exit_code;
    std::optional<std::int64_t> shown_exit_code;
    std::string exit_class;
    std::string exit_reason;
    std::optional<std::int64_t> started_at;
    std::optional<std::int64_t> finished_at;
    std::optional<std::int64_t> stop_requested_at;
    std::optional<std::int64_t> timed_out_at;
    std::optional<std::int64_t> retry_at;
    std::int64_t attempt_queued_at = 0;
    std::int64_t memory = 0;
    std::int64_t earlier_attempts = 0;
    TimePoint changed_at;  ///< when this was stored

    [[nodiscard]] bool is_done() const {
        return status == RunStatus::stopped && phase == AttemptPhase::ended;
    }
};

/// Reads what each commit did to the runs, and holds it to what was promised.
class Ledger {
public:
    Ledger(History& history, MemoryDatabase& database);
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    ~Ledger();

    /// By run id.
    [[nodiscard]] const std::map<std::string, StoredRun>& runs() const { return runs_; }
    /// nullptr if there is none.
    [[nodiscard]] const StoredRun* find(const std::string& id) const;
    /// Whether it is the attempt of a run that is not known to have ended.
    [[nodiscard]] bool may_be_live(const AttemptName& name) const;

private:
    void note(const TouchedRow& touched);
    void note_removed(std::int64_t row);
    void check_new(const std::string& id, const StoredRun& run);
    void check_change(const std::string& id, const StoredRun& before, const StoredRun& after);
    void check_final(const std::string& id, const StoredRun& before, const StoredRun& after);
    void check_attempts(const std::string& id, const StoredRun& before, const StoredRun& after);
    void check_promptness(const std::string& id, const StoredRun& before, const StoredRun& after);
    void check_end(const std::string& id, const StoredRun& before, const StoredRun& after);
    void check_turn(const std::string& id, const StoredRun& taken);
    void check_bounds(const std::string& id, const StoredRun& before, const StoredRun& after);
    void check_limits(const std::string& id, const StoredRun& before, const StoredRun& after);
    void check_exit_code(const std::string& id, const StoredRun& run);
    void check_start(const std::string& id, const StoredRun& run);
    void tell(const std::string& id, const StoredRun& run);

    /// Whether no other of its owner's runs waits longer on its cluster.
    [[nodiscard]] bool is_first_of_its_owner(const std::string& id, const StoredRun& run) const;

    /// What was taken before an attempt that had the turn of its owner.
    struct Passed {
        std::set<std::string> first;     ///< the runs
        std::optional<TimePoint> since;  ///< by when at the latest it was passed
        std::set<std::string> by;        ///< those for which there was to be no room any more
    };

    History& history_;
    MemoryDatabase& database_;
    std::map<std::string, StoredRun> runs_;
    std::map<std::int64_t, std::string> ids_;  ///< by row
    std::map<AttemptName, Passed> passed_;
};

}  // namespace flotilla::simulation
