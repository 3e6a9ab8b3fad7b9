#pragma once

#include <string_view>

#include "core/run_census.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Each is answered from an index of the runs that have not ended, so that the history does not count.
inline constexpr std::string_view waiting_census_sql =
    "SELECT cluster, COUNT(*), MIN(attempt_queued_at) FROM runs WHERE phase = 'waiting' GROUP BY cluster";
inline constexpr std::string_view live_census_sql =
    "SELECT cluster, status, COUNT(*) FROM runs"
    " WHERE status IN ('QUEUED', 'PENDING', 'RUNNING', 'NEEDS_RETRY') GROUP BY cluster, status";

[[nodiscard]] RunCensus read_run_census(SqlSession& session);

}  // namespace flotilla
