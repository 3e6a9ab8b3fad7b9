#pragma once

#include <string>
#include <string_view>

#include "store/history_store.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Runs that finished before `$1` and whose idempotence keys are not from after `$2`: the first `$3` of them.
inline constexpr std::string_view finished_sql =
    "SELECT run_id FROM runs WHERE shown_finished_at < $1 AND phase = 'ended'"
    " AND (idempotence_key = '' OR queued_at <= $2) ORDER BY shown_finished_at LIMIT $3";

/// Runs that were queued before `$1` and have ended, nobody noted when, as the original Flotilla left some:
/// the first `$2` of them.
inline constexpr std::string_view ended_sometime_sql =
    "SELECT run_id FROM runs WHERE status = 'STOPPED' AND shown_finished_at IS NULL AND phase = 'ended'"
    " AND queued_at < $1 ORDER BY queued_at LIMIT $2";

/// `HistoryStore` in SQL.
class SqlHistoryStore final : public HistoryStore {
public:
    /// `host` is this host's id. The database outlives this object.
    SqlHistoryStore(SqlDatabase& database, std::string host) : database_(database), host_(std::move(host)) {}

    std::int64_t remove_finished(TimePoint before, TimePoint now, std::int64_t most) override;
    [[nodiscard]] std::vector<RunId> logs_to_remove(std::int64_t most) override;
    void logs_are_removed(const std::vector<RunId>& runs) override;

private:
    SqlDatabase& database_;
    std::string host_;
};

}  // namespace flotilla
