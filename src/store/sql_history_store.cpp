#include "store/sql_history_store.hpp"

#include <fmt/format.h>

#include "store/run_store.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace {

/// With its attempts, which the foreign key takes along. A host is not named where nothing was started.
void remove_run(SqlSession& session, const std::string& id) {
    session.execute(
        "INSERT INTO logs_to_remove (host, run_id)"
        " SELECT host, run_id FROM runs WHERE run_id = $1 AND host NOT IN ('', $2)"
        " UNION SELECT host, run_id FROM attempts WHERE run_id = $1 AND host NOT IN ('', $2)",
        {id, no_servers_host});
    session.execute(
        "DELETE FROM idempotence_keys WHERE run_id = $1 AND (definition_id, idempotence_key) ="
        " (SELECT definition_id, idempotence_key FROM runs WHERE run_id = $1)",
        {id});
    session.execute("DELETE FROM runs WHERE run_id = $1", {id});
}

}  // namespace

std::int64_t SqlHistoryStore::remove_finished(TimePoint before, TimePoint now, std::int64_t most) {
    std::vector<std::string> ids;
    database_.write([&](SqlSession& session) {
        ids.clear();
        const auto add = [&](const SqlRow& row) { ids.push_back(row.text(0)); };
        // Whatever has this time is STOPPED; its container may still be there.
        session.query(fmt::format("{}{}", finished_sql, session.dialect().for_update_skip_locked()),
                      {sql_value(before), sql_value(now - key_lifetime), most}, add);
        if (const auto left = most - static_cast<std::int64_t>(ids.size()); left > 0) {
            session.query(fmt::format("{}{}", ended_sometime_sql, session.dialect().for_update_skip_locked()),
                          {sql_value(before), left}, add);
        }
        for (const std::string& id : ids) {
            remove_run(session, id);
        }
    });
    return static_cast<std::int64_t>(ids.size());
}

std::vector<RunId> SqlHistoryStore::logs_to_remove(std::int64_t most) {
    std::vector<RunId> runs;
    database_.read([&](SqlSession& session) {
        runs.clear();
        session.query("SELECT run_id FROM logs_to_remove WHERE host = $1 ORDER BY run_id LIMIT $2",
                      {host_, most}, [&](const SqlRow& row) { runs.push_back({row.text(0)}); });
    });
    return runs;
}

void SqlHistoryStore::logs_are_removed(const std::vector<RunId>& runs) {
    database_.write([&](SqlSession& session) {
        for (const RunId& run : runs) {
            session.execute("DELETE FROM logs_to_remove WHERE host = $1 AND run_id = $2", {host_, run.value});
        }
    });
}

}  // namespace flotilla
