#pragma once

#include "store/run_metrics.hpp"
#include "store/run_store.hpp"
#include "store/run_totals.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Runs in the tables `runs` and `attempts`.
class SqlRunStore final : public RunStore {
public:
    /// `metrics` outlive this object; null: nothing is counted. `host` is the id of this server's host.
    explicit SqlRunStore(SqlDatabase& database, RunMetrics* metrics = nullptr, std::string host = {})
        : database_(database), metrics_(metrics), host_(std::move(host)) {}

    Run insert(const Run& run) override;
    std::optional<Run> find_by_key(const DefinitionId& definition, const std::string& key,
                                   TimePoint now) override;
    std::optional<Run> find(const RunId& id) override;
    Page<Run> list(const ListQuery& query) override;
    std::vector<RunSummary> recent(const RecentQuery& query) override;
    std::optional<Run> advance(const RunId& id, const RunChange& change) override;
    std::vector<Run> advance_all(const std::vector<RunNews>& news) override;
    std::vector<Run> live(const std::string& cluster) override;
    std::vector<Run> unwanted(const std::string& cluster) override;
    std::vector<ClusterInUse> clusters_in_use() override;
    std::set<std::string> image_digests_in_use() override;
    std::vector<Run> due_for_retry(TimePoint now, std::int64_t most) override;
    std::optional<TimePoint> next_retry() override;
    std::vector<Run> overdue(TimePoint now, std::int64_t most) override;
    std::optional<TimePoint> next_deadline() override;
    std::int64_t clock_was_set(std::chrono::microseconds by) override;
    RunCensus census() override;

private:
    /// Tells the other servers what there is to do about it.
    void announce_work(const Run& run);
    std::vector<Run> select(std::string_view condition, const std::vector<SqlValue>& values);

    SqlDatabase& database_;
    RunMetrics* metrics_;
    std::string host_;
    RunTotals totals_;
};

}  // namespace flotilla
