#include "store/sql_run_store.hpp"

#include <initializer_list>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "store/run_census_sql.hpp"
#include "store/run_list.hpp"
#include "store/run_observation.hpp"
#include "store/run_rows.hpp"
#include "store/sql_values.hpp"
#include "store/work_topic.hpp"

namespace flotilla {

namespace {

/// What a list may take that asks for what no index tells; a total that takes longer is estimated.
constexpr std::chrono::milliseconds longest_count{1'000};
constexpr std::chrono::seconds longest_search{10};

/// Takes the key for the run; false if another has it. Two calls of one key follow one another: the second
/// waits until the first has inserted the key and ended, and sees in its next statement what that stored.
bool take_key(SqlSession& session, const Run& run) {
    const std::vector<SqlValue> values{run.definition_id.value, run.idempotence_key, run.id.value,
                                       sql_value(run.queued_at)};
    if (session.execute("INSERT INTO idempotence_keys (definition_id, idempotence_key, run_id, used_at)"
                        " VALUES ($1, $2, $3, $4) ON CONFLICT (definition_id, idempotence_key) DO NOTHING",
                        values) > 0) {
        return true;
    }
    return session.execute(
               "UPDATE idempotence_keys SET run_id = $3, used_at = $4"
               " WHERE definition_id = $1 AND idempotence_key = $2"
               " AND (used_at <= $5 OR NOT EXISTS (SELECT 1 FROM runs WHERE run_id = "
               "idempotence_keys.run_id))",
               {values[0], values[1], values[2], values[3], sql_value(run.queued_at - key_lifetime)}) > 0;
}

std::optional<Run> select_by_key(SqlSession& session, const DefinitionId& definition, const std::string& key,
                                 TimePoint now) {
    auto runs = select_runs(session,
                            "WHERE run_id = (SELECT run_id FROM idempotence_keys"
                            " WHERE definition_id = $1 AND idempotence_key = $2 AND used_at > $3)",
                            {definition.value, key, sql_value(now - key_lifetime)});
    return runs.empty() ? std::nullopt : std::optional(std::move(runs.front()));
}

}  // namespace

Run SqlRunStore::insert(const Run& run) {
    std::optional<Run> first;
    database_.write([&](SqlSession& session) {
        bool defined = false;
        session.query(fmt::format("SELECT 1 FROM definitions WHERE definition_id = $1{}",
                                  session.dialect().for_key_share()),
                      {run.definition_id.value}, [&](const SqlRow&) { defined = true; });
        if (!defined) {
            throw not_found("Definition with ID {} not found", run.definition_id.value);
        }
        first.reset();
        if (!run.idempotence_key.empty() && !take_key(session, run)) {
            first = select_by_key(session, run.definition_id, run.idempotence_key, run.queued_at);
            return;
        }
        try {
            insert_run(session, run);
        } catch (const SqlConstraint&) {
            throw conflict("run {} exists already", run.id.value);
        }
    });
    if (first) {
        return *std::move(first);
    }
    observe_submission(run, metrics_);
    database_.announce(topic(WorkKind::submit, run.cluster));
    return run;
}

std::optional<Run> SqlRunStore::find_by_key(const DefinitionId& definition, const std::string& key,
                                            TimePoint now) {
    std::optional<Run> found;
    database_.read([&](SqlSession& session) { found = select_by_key(session, definition, key, now); });
    return found;
}

std::optional<Run> SqlRunStore::find(const RunId& id) {
    std::optional<Run> found;
    database_.read([&](SqlSession& session) { found = select_run(session, id); });
    return found;
}

Page<Run> SqlRunStore::list(const ListQuery& query) {
    Page<Run> page;
    RunList list(query);
    const auto set_total = [&](const RunTotal& total) {
        page.total = total.count;
        page.total_is_estimate = total.is_estimate;
    };
    if (!may_take_long(query)) {
        database_.read([&](SqlSession& session) {
            set_total(list.total(session, totals_));
            list.add_items(session, page);
        });
        return page;
    }
    try {
        database_.read([&](SqlSession& session) {
            session.limit_time(longest_count);
            set_total(list.total(session, totals_));
        });
    } catch (const SqlTooLong&) {
        database_.read([&](SqlSession& session) { set_total(list.estimated_total(session, totals_)); });
    }
    try {
        database_.read([&](SqlSession& session) {
            session.limit_time(longest_search);
            list.add_items(session, page);
        });
    } catch (const SqlTooLong&) {
        throw invalid(
            "looking for these runs took longer than {} s: ask for newer ones with queued_at_since, or "
            "filter by definition_id, group_name, status, cluster_name, user or env instead, and go on by "
            "the "
            "`next` of a page as `after`, not by a large offset",
            longest_search.count());
    }
    return page;
}

std::vector<RunSummary> SqlRunStore::recent(const RecentQuery& query) {
    std::vector<RunSummary> recent;
    database_.read([&](SqlSession& session) {
        recent.clear();
        for (const DefinitionId& definition : query.definitions) {
            auto runs = select_run_summaries(
                session, "WHERE definition_id = $1 ORDER BY queued_at DESC, run_id LIMIT $2",
                {definition.value, query.limit});
            recent.insert(recent.end(), std::make_move_iterator(runs.begin()),
                          std::make_move_iterator(runs.end()));
        }
    });
    return recent;
}

std::optional<Run> SqlRunStore::advance(const RunId& id, const RunChange& change) {
    auto runs = advance_all({{id, change}});
    return runs.empty() ? std::nullopt : std::optional(std::move(runs.front()));
}

std::vector<Run> SqlRunStore::advance_all(const std::vector<RunNews>& news) {
    std::vector<AdvancedRun> advanced;
    database_.write([&](SqlSession& session) {
        advanced.clear();
        for (const RunNews& item : news) {
            if (auto run = advance_run(session, item.run, item.change)) {
                advanced.push_back(std::move(*run));
            }
        }
    });
    std::vector<Run> runs;
    for (AdvancedRun& one : advanced) {
        observe_change(one, metrics_);
        announce_work(one.run);
        runs.push_back(std::move(one.run));
    }
    return runs;
}

void SqlRunStore::announce_work(const Run& run) {
    if (run.attempt.phase == AttemptPhase::waiting) {
        database_.announce(topic(WorkKind::submit, run.cluster));
    } else if (run.status == RunStatus::needs_retry) {
        database_.announce(topic(WorkKind::retry));
    }
    if (is_live(run.attempt.phase) && run.is_unwanted()) {
        database_.announce(topic(WorkKind::stop, run.cluster));
    }
}

std::vector<Run> SqlRunStore::live(const std::string& cluster) {
    return select(fmt::format("WHERE cluster = $1 AND host = $2 AND {}", live_sql), {cluster, host_});
}

std::vector<Run> SqlRunStore::unwanted(const std::string& cluster) {
    return select(fmt::format("WHERE cluster = $1 AND host = $2 AND {} AND (stop_requested_at IS NOT NULL"
                              " OR timed_out_at IS NOT NULL OR status IN ('STOPPED', 'NEEDS_RETRY'))",
                              live_sql),
                  {cluster, host_});
}

std::vector<ClusterInUse> SqlRunStore::clusters_in_use() {
    std::vector<ClusterInUse> clusters;
    database_.read([&](SqlSession& session) {
        session.query(
            // Runs that wait are counted along the index that has them by cluster, as there may be millions.
            fmt::format("SELECT cluster, engine, SUM(waiting), SUM(live) FROM ("
                        "  SELECT cluster, MIN(engine) AS engine, COUNT(*) AS waiting, 0 AS live FROM runs"
                        "  WHERE phase = 'waiting' GROUP BY cluster"
                        "  UNION ALL"
                        "  SELECT cluster, MIN(engine), COUNT(*), 0 FROM runs"
                        "  WHERE status = 'NEEDS_RETRY' AND phase = 'ended' GROUP BY cluster"
                        "  UNION ALL"
                        "  SELECT cluster, engine, 0, COUNT(*) FROM runs"
                        "  WHERE host = $1 AND {} GROUP BY cluster, engine"
                        ") AS unfinished GROUP BY cluster, engine ORDER BY cluster, engine",
                        live_sql),
            {host_}, [&](const SqlRow& row) {
                clusters.push_back({row.text(0), row.text(1), row.integer(2), row.integer(3)});
            });
    });
    return clusters;
}

std::set<std::string> SqlRunStore::image_digests_in_use() {
    std::set<std::string> digests;
    database_.read([&](SqlSession& session) {
        session.query(
            "SELECT DISTINCT image_digest FROM runs"
            " WHERE status IN ('QUEUED', 'PENDING', 'RUNNING', 'NEEDS_RETRY') AND image_digest <> ''",
            {}, [&](const SqlRow& row) { digests.insert(row.text(0)); });
    });
    return digests;
}

std::vector<Run> SqlRunStore::due_for_retry(TimePoint now, std::int64_t most) {
    return select(
        "WHERE status = 'NEEDS_RETRY' AND phase = 'ended' AND retry_at <= $1 ORDER BY retry_at LIMIT $2",
        {sql_value(now), most});
}

std::optional<TimePoint> SqlRunStore::next_retry() {
    std::optional<TimePoint> next;
    database_.read([&](SqlSession& session) {
        session.query("SELECT MIN(retry_at) FROM runs WHERE status = 'NEEDS_RETRY' AND phase = 'ended'", {},
                      [&](const SqlRow& row) { next = optional_time(row, 0); });
    });
    return next;
}

std::vector<Run> SqlRunStore::overdue(TimePoint now, std::int64_t most) {
    return select("WHERE deadline <= $1 ORDER BY deadline LIMIT $2", {sql_value(now), most});
}

std::optional<TimePoint> SqlRunStore::next_deadline() {
    std::optional<TimePoint> next;
    database_.read([&](SqlSession& session) {
        session.query("SELECT MIN(deadline) FROM runs WHERE deadline IS NOT NULL", {},
                      [&](const SqlRow& row) { next = optional_time(row, 0); });
    });
    return next;
}

std::int64_t SqlRunStore::clock_was_set(std::chrono::microseconds by) {
    constexpr std::string_view unfinished = "status IN ('QUEUED', 'PENDING', 'RUNNING', 'NEEDS_RETRY')";
    const auto moved = [](std::initializer_list<std::string_view> columns) {
        std::vector<std::string> terms;
        for (const auto column : columns) {
            terms.push_back(fmt::format("{0} = {0} + $1", column));
        }
        return fmt::format("{}", fmt::join(terms, ", "));
    };
    std::int64_t count = 0;
    database_.write([&](SqlSession& session) {
        session.execute(
            fmt::format(
                "UPDATE attempts SET {} WHERE run_id IN (SELECT run_id FROM runs WHERE {})",
                moved({"attempt_queued_at", "submitted_at", "started_at", "finished_at", "timed_out_at"}),
                unfinished),
            {by.count()});
        count =
            session.execute(fmt::format("UPDATE runs SET {} WHERE {}",
                                        moved({"queued_at", "attempt_queued_at", "submitted_at", "started_at",
                                               "finished_at", "timed_out_at", "retry_at", "stop_requested_at",
                                               "passed_since", "deadline", "message_due_at"}),
                                        unfinished),
                            {by.count()});
    });
    return count;
}

RunCensus SqlRunStore::census() {
    RunCensus census;
    database_.read([&](SqlSession& session) { census = read_run_census(session); });
    return census;
}

std::vector<Run> SqlRunStore::select(std::string_view condition, const std::vector<SqlValue>& values) {
    std::vector<Run> runs;
    database_.read([&](SqlSession& session) { runs = select_runs(session, condition, values); });
    return runs;
}

}  // namespace flotilla
