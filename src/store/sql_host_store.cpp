#include "store/sql_host_store.hpp"

#include <fmt/format.h>

#include "store/run_observation.hpp"
#include "store/run_rows.hpp"
#include "store/work_topic.hpp"

namespace flotilla {

namespace {

/// How the attempt ends with its host: what its engine may have started is not tried again.
Ended end_of(const Run& run, Ended end) {
    if (run.attempt.submitted_at && !run.attempt.started_at) {
        end.retry.rules.max_attempts = 1;
        end.reason += "; whether it had started is not known";
    }
    return end;
}

}  // namespace

void SqlHostStore::enter(const std::string& id, const std::string& address, const std::string& incarnation,
                         std::chrono::microseconds lost_after) {
    database_.write([&](SqlSession& session) {
        session.execute(
            fmt::format(
                "INSERT INTO hosts (host_id, address, incarnation, lost_after, seen_at)"
                " VALUES ($1, $2, $3, $4, {0})"
                " ON CONFLICT (host_id) DO UPDATE SET address = $2, incarnation = $3, lost_after = $4,"
                " seen_at = {0}, lost_at = NULL",
                session.dialect().now()),
            {id, address, incarnation, std::int64_t{lost_after.count()}});
    });
}

HostState SqlHostStore::beat(const std::string& id, const std::string& incarnation) {
    HostState state{};
    database_.write([&](SqlSession& session) {
        state = HostState::taken;
        session.query(fmt::format("SELECT lost_at FROM hosts WHERE host_id = $1 AND incarnation = $2{}",
                                  session.dialect().for_update()),
                      {id, incarnation}, [&](const SqlRow& row) {
                          state = row.is_null(0) ? HostState::known : HostState::lost;
                      });
        if (state != HostState::taken) {
            session.execute(fmt::format("UPDATE hosts SET seen_at = {}, lost_at = NULL WHERE host_id = $1",
                                        session.dialect().now()),
                            {id});
        }
    });
    return state;
}

std::optional<HostEntry> SqlHostStore::find(const std::string& id) {
    auto found = select("host_id = $1", {id});
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<HostEntry> SqlHostStore::silent(std::chrono::microseconds usual) {
    return select(fmt::format("seen_at <= {} - CASE WHEN lost_after > 0 THEN lost_after ELSE $1 END"
                              " AND (lost_at IS NULL OR EXISTS"
                              " (SELECT 1 FROM runs WHERE host = hosts.host_id AND {}))",
                              database_.dialect().now(), live_sql),
                  {std::int64_t{usual.count()}});
}

std::vector<Run> SqlHostStore::give_up(const HostEntry& host, const Ended& end, std::int64_t most) {
    std::vector<AdvancedRun> ended;
    database_.write([&](SqlSession& session) {
        ended.clear();
        bool is_silent = false;
        session.query(fmt::format("SELECT 1 FROM hosts WHERE host_id = $1 AND seen_at = $2{}",
                                  session.dialect().for_update()),
                      {host.id, std::int64_t{host.seen_at.time_since_epoch().count()}},
                      [&](const SqlRow&) { is_silent = true; });
        if (!is_silent) {
            return;
        }
        session.execute(fmt::format("UPDATE hosts SET lost_at = {} WHERE host_id = $1 AND lost_at IS NULL",
                                    session.dialect().now()),
                        {host.id});
        std::vector<RunId> live;
        session.query(
            fmt::format("SELECT run_id FROM runs WHERE host = $1 AND {} ORDER BY run_id LIMIT $2", live_sql),
            {host.id, most}, [&](const SqlRow& row) { live.push_back({row.text(0)}); });
        for (const RunId& run : live) {
            const auto current = select_run_for_update(session, run);
            if (current && current->attempt.host == host.id) {
                ended.push_back(*advance_run(session, run, {current->attempt.number, end_of(*current, end)}));
            }
        }
    });
    std::vector<Run> runs;
    for (AdvancedRun& one : ended) {
        observe_change(one, metrics_);
        if (one.run.status == RunStatus::needs_retry) {
            database_.announce(topic(WorkKind::retry));
        }
        runs.push_back(std::move(one.run));
    }
    return runs;
}

void SqlHostStore::adopt_all(const std::string& id) {
    database_.write([&](SqlSession& session) {
        session.execute(
            fmt::format("UPDATE runs SET host = $1 WHERE {} AND host <> $1 AND host <> $2", live_sql),
            {id, no_servers_host});
    });
}

std::vector<HostEntry> SqlHostStore::select(std::string_view condition, const std::vector<SqlValue>& values) {
    std::vector<HostEntry> hosts;
    database_.read([&](SqlSession& session) {
        hosts.clear();
        session.query(fmt::format("SELECT host_id, address, {} - seen_at, seen_at, lost_after, lost_at"
                                  " FROM hosts WHERE {} ORDER BY host_id",
                                  session.dialect().now(), condition),
                      values, [&](const SqlRow& row) {
                          using std::chrono::microseconds;
                          hosts.push_back({.id = row.text(0),
                                           .address = row.text(1),
                                           .age = microseconds(row.integer(2)),
                                           .seen_at = TimePoint(microseconds(row.integer(3))),
                                           .lost_after = microseconds(row.integer(4)),
                                           .is_lost = !row.is_null(5)});
                      });
    });
    return hosts;
}

}  // namespace flotilla
