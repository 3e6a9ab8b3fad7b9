#pragma once

#include <chrono>
#include <unordered_set>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "queue/run_queue.hpp"
#include "queue/turns.hpp"
#include "store/run_metrics.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The store's own queue: the runs whose phase is `waiting` are the queue, so it cannot lose what the store
/// has.
class SqlRunQueue final : public RunQueue {
public:
    /// `metrics` outlive this object; null: nothing is counted. `host` is the id of this server's host, whose
    /// room it is that a cluster has; empty: there is only this one.
    SqlRunQueue(SqlDatabase& database, Clock& clock, std::chrono::seconds longest_pass,
                RunMetrics* metrics = nullptr, std::string host = {})
        : database_(database),
          clock_(clock),
          longest_pass_(longest_pass),
          metrics_(metrics),
          host_(std::move(host)) {}

    std::vector<Lease> take(const Cluster& cluster, std::size_t most) override;
    bool is_leased(const RunId& id) override { return leased_.lock()->contains(id); }
    std::string waiting_for(const Run& run, const Cluster& cluster) override;

private:
    void finish(const Run& run) noexcept override;
    void give_back(const Run& run) noexcept override;
    [[nodiscard]] std::vector<RunId> left_behind(SqlSession& session, const Cluster& cluster);
    [[nodiscard]] std::vector<RunId> take_turns(SqlSession& session, const Cluster& cluster,
                                                std::size_t most);

    SqlDatabase& database_;
    Clock& clock_;
    std::chrono::seconds longest_pass_;
    RunMetrics* metrics_;
    std::string host_;
    /// What this process has leased now, by run id.
    Guarded<std::unordered_set<RunId>> leased_;
};

}  // namespace flotilla
