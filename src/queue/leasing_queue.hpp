#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "queue/run_queue.hpp"
#include "queue/turns.hpp"
#include "store/run_metrics.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The waiting runs among which a queue chooses, owner by owner in the order of their turns, as one
/// transaction sees them.
class OwnerLines {
public:
    OwnerLines() = default;
    OwnerLines(const OwnerLines&) = delete;
    OwnerLines& operator=(const OwnerLines&) = delete;
    virtual ~OwnerLines() = default;
    /// The next owner's line; nothing once no other owner is to be looked at.
    [[nodiscard]] virtual std::optional<OwnerLine> next() = 0;
    /// Whose the line was that came `number`th, counted from 0.
    [[nodiscard]] virtual const std::string& owner(std::size_t number) const = 0;
    /// Nothing more is asked.
    virtual void close() {}
};

/// What `OwnerLines` are made for.
struct TurnsWanted {
    const Cluster& cluster;
    const Room& room;
    std::size_t most;                    ///< so many runs are wanted
    const std::set<RunId>& passed_over;  ///< none of these
    const std::set<Revision>& held;      ///< nor what was made of these
};

/// A queue of runs that are leased out of the store: room, intents and leases are the same wherever it is
/// said which runs there are to choose from.
class LeasingQueue : public RunQueue {
public:
    /// `metrics` outlive this object; null: nothing is counted. `host` is the id of this server's host, whose
    /// room it is that a cluster has; empty: there is only this one. Where several servers take runs of no
    /// server's host, another one takes up what was not handed over after `longest_hand_over`.
    LeasingQueue(SqlDatabase& database, Clock& clock, std::chrono::seconds longest_pass,
                 RunMetrics* metrics = nullptr, std::string host = {},
                 std::chrono::seconds longest_hand_over = std::chrono::minutes{1})
        : database_(database),
          clock_(clock),
          longest_pass_(longest_pass),
          metrics_(metrics),
          host_(std::move(host)),
          longest_hand_over_(longest_hand_over) {}

    std::vector<Lease> take(const Cluster& cluster, std::size_t most, const HeldRuns& held) override;
    bool is_leased(const RunId& id) override { return leases_.lock()->held.contains(id); }
    std::string waiting_for(const Run& run, const Cluster& cluster) override;

protected:
    /// What `wanted` is made of outlives it.
    [[nodiscard]] virtual std::unique_ptr<OwnerLines> lines(SqlSession& session,
                                                            const TurnsWanted& wanted) = 0;
    /// Whether this server may go on with a run that was being submitted when its lease was lost.
    [[nodiscard]] virtual bool may_take_over(const Cluster& cluster, const RunId& run) = 0;
    /// When it is the run's turn, in words.
    [[nodiscard]] virtual std::string turn_of(SqlSession& session, const Cluster& cluster,
                                              const Run& run) = 0;

private:
    void finish(const Run& run) noexcept override;
    void give_back(const Run& run, Turn turn) noexcept override;
    [[nodiscard]] std::vector<RunId> left_behind(SqlSession& session, const Cluster& cluster);
    [[nodiscard]] std::vector<RunId> take_turns(SqlSession& session, const Cluster& cluster, std::size_t most,
                                                const HeldRuns& held);
    /// Whether other servers take the same runs, and the time of a lease says whether one may be at it.
    [[nodiscard]] bool is_shared() const { return host_ == no_servers_host && clock_.is_shared(); }

    SqlDatabase& database_;
    Clock& clock_;
    std::chrono::seconds longest_pass_;
    RunMetrics* metrics_;
    std::string host_;
    std::chrono::seconds longest_hand_over_;
    /// What this process has leased.
    struct Leases {
        std::unordered_set<RunId> held;
        std::map<RunId, TimePoint> let_go;  ///< lately, and when: no other server is at it
    };
    Guarded<Leases> leases_;
};

}  // namespace flotilla
