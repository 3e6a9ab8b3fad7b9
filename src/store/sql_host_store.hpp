#pragma once

#include "store/host_store.hpp"
#include "store/run_metrics.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Hosts in the table `hosts`. The arguments outlive this object; `metrics` null: nothing is counted.
class SqlHostStore final : public HostStore {
public:
    explicit SqlHostStore(SqlDatabase& database, RunMetrics* metrics = nullptr)
        : database_(database), metrics_(metrics) {}

    void enter(const std::string& id, const std::string& address, const std::string& incarnation,
               std::chrono::microseconds lost_after) override;
    HostState beat(const std::string& id, const std::string& incarnation) override;
    [[nodiscard]] std::optional<HostEntry> find(const std::string& id) override;
    [[nodiscard]] std::vector<HostEntry> silent(std::chrono::microseconds usual) override;
    std::vector<Run> give_up(const HostEntry& host, const Ended& end, std::int64_t most) override;
    void adopt_all(const std::string& id) override;

private:
    [[nodiscard]] std::vector<HostEntry> select(std::string_view condition,
                                                const std::vector<SqlValue>& values);

    SqlDatabase& database_;
    RunMetrics* metrics_;
};

}  // namespace flotilla
