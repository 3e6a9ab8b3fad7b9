#include "store/run_census_sql.hpp"

namespace flotilla {

RunCensus read_run_census(SqlSession& session) {
    RunCensus census;
    session.query(waiting_census_sql, {}, [&](const SqlRow& row) {
        census.waiting.push_back(
            {row.text(0), row.integer(1), TimePoint(std::chrono::microseconds(row.integer(2)))});
    });
    session.query(live_census_sql, {}, [&](const SqlRow& row) {
        census.live.push_back({row.text(0), parse_run_status(row.text(1)).value(), row.integer(2)});
    });
    return census;
}

}  // namespace flotilla
