#include "queue/leasing_queue.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/log.hpp"
#include "store/json_columns.hpp"
#include "store/run_observation.hpp"
#include "store/run_rows.hpp"
#include "store/sql_lookup.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace {

/// How often to look for other runs where other servers take those that were chosen.
constexpr int most_looks = 3;

/// What the cluster has room for on the host.
Room room_of(SqlSession& session, const Cluster& cluster, const std::string& host,
             const HeldRuns& held = {}) {
    Room room(cluster, held);
    session.query(
        fmt::format("SELECT memory, cpu, gpu, ports FROM runs WHERE cluster = $1 AND host = $2 AND {}",
                    live_sql),
        {cluster.name, host}, [&](const SqlRow& row) {
            room.occupy({.memory = row.integer(0),
                         .cpu = optional_integer(row, 1),
                         .gpu = optional_integer(row, 2),
                         .ports = ports_from_column(row.text(3))});
        });
    return room;
}

/// Whether the other servers have ended what this host had: until it is heard of again it starts nothing. It
/// cannot be given up before this transaction ends.
bool is_given_up(SqlSession& session, const std::string& host) {
    bool is_lost = false;
    if (!host.empty()) {
        session.query(
            fmt::format("SELECT lost_at FROM hosts WHERE host_id = $1{}", session.dialect().for_key_share()),
            {host}, [&](const SqlRow& row) { is_lost = !row.is_null(0); });
    }
    return is_lost;
}

/// Notes that these owners had their turns in this order. Always locks in one order, so that two servers
/// never wait for each other.
void record_turns(SqlSession& session, const Cluster& cluster, const std::vector<std::string>& in_order) {
    auto turn = number_of(session, "SELECT COALESCE(MAX(turn), 0) FROM owner_turns WHERE cluster = $1",
                          {cluster.name});
    std::map<std::string, std::int64_t> last_turns;
    for (const std::string& owner : in_order) {
        last_turns[owner] = ++turn;
    }
    for (const auto& [owner, last] : last_turns) {
        session.execute(
            "INSERT INTO owner_turns (cluster, owner, turn) VALUES ($1, $2, $3)"
            " ON CONFLICT (cluster, owner) DO UPDATE SET turn = excluded.turn",
            {cluster.name, owner, last});
    }
}

/// Notes that the run's owner had no turn, and is the next.
void give_turn_back(SqlSession& session, const Run& run) {
    session.execute(
        "UPDATE owner_turns SET turn = (SELECT MIN(turn) - 1 FROM owner_turns WHERE cluster = $1)"
        " WHERE cluster = $1 AND owner = $2",
        {run.cluster, run.owner});
}

/// Notes since when the run is passed by others, unless somebody is just taking it.
void note_pass(SqlSession& session, const RunId& run, TimePoint now) {
    session.execute(fmt::format("UPDATE runs SET passed_since = $2 WHERE run_id ="
                                " (SELECT run_id FROM runs WHERE run_id = $1 AND phase = 'waiting'{})",
                                session.dialect().for_update_skip_locked()),
                    {run.value, sql_value(now)});
}

/// Whether the run is this transaction's to take: no other server is just taking it, or has.
bool claim(SqlSession& session, const RunId& run) {
    bool is_claimed = false;
    session.query(fmt::format("SELECT 1 FROM runs WHERE run_id = $1 AND phase = 'waiting'{}",
                              session.dialect().for_update_skip_locked()),
                  {run.value}, [&](const SqlRow&) { is_claimed = true; });
    return is_claimed;
}

}  // namespace

std::vector<RunQueue::Lease> LeasingQueue::take(const Cluster& cluster, std::size_t most,
                                                const HeldRuns& held) {
    std::vector<Run> runs;
    std::size_t left_behind_runs = 0;
    const auto drop_leases = [&] {
        auto leases = leases_.lock();
        for (const Run& run : runs) {
            leases->held.erase(run.id);
        }
        runs.clear();
    };
    try {
        database_.write([&](SqlSession& session) {
            drop_leases();  // those of a try before this one, of which nothing is stored
            if (is_given_up(session, host_)) {
                return;
            }
            for (const RunId& id : left_behind(session, cluster)) {
                runs.push_back(*select_run(session, id));
            }
            left_behind_runs = runs.size();
            for (const RunId& id : take_turns(session, cluster, most, held)) {
                const auto number = select_run(session, id)->attempt.number;
                runs.push_back(advance_run(session, id, {number, Submitting{host_}})->run);
            }
            if (is_shared()) {
                for (Run& run : runs) {
                    run = advance_run(session, run.id, {run.attempt.number, Offered{clock_.now()}})->run;
                }
            }
            // Before the commit: whoever takes next must see which of the runs in `submitting` are leased.
            auto leases = leases_.lock();
            for (const Run& run : runs) {
                leases->held.insert(run.id);
            }
        });
    } catch (...) {
        drop_leases();
        throw;
    }
    std::vector<Lease> leases;
    for (Run& run : runs) {
        leases.emplace_back(*this, std::move(run));
        if (leases.size() <= left_behind_runs) {
            leases.back().offer();  // whoever left it behind may have done so
        }
    }
    return leases;
}

std::string LeasingQueue::waiting_for(const Run& run, const Cluster& cluster) {
    std::string sentence;
    database_.read([&](SqlSession& session) {
        sentence = obstacle(room_of(session, cluster, host_), needs_of(run));
        const auto turn = turn_of(session, cluster, run);
        sentence = sentence.empty() ? "its turn: " + turn : fmt::format("{}; {}", sentence, turn);
    });
    return sentence;
}

std::vector<RunId> LeasingQueue::left_behind(SqlSession& session, const Cluster& cluster) {
    std::vector<std::pair<RunId, std::optional<TimePoint>>> all;  ///< and when each was offered
    // Locked: whoever stores the end of one of them does so after this transaction, sees that it is leased,
    // and does not have the engine forget it. The first term on the phase is that of the index on live runs.
    session.query(fmt::format("SELECT run_id, submitted_at FROM runs WHERE cluster = $1 AND host = $2"
                              " AND {} AND phase = 'submitting' ORDER BY run_id{}",
                              live_sql, session.dialect().for_update()),
                  {cluster.name, host_}, [&](const SqlRow& row) {
                      all.push_back({{row.text(0)}, optional_time(row, 1)});
                  });
    // Only now: the query may have waited for a transaction that leased some of them.
    auto leases = leases_.lock();
    std::vector<RunId> ids;
    for (const auto& [id, offered_at] : all) {
        const bool is_with_another = is_shared() && offered_at && !leases->let_go.contains(id) &&
                                     clock_.now() - *offered_at < longest_hand_over_;
        if (!leases->held.contains(id) && !is_with_another && may_take_over(cluster, id)) {
            ids.push_back(id);
        }
    }
    return ids;
}

std::vector<RunId> LeasingQueue::take_turns(SqlSession& session, const Cluster& cluster, std::size_t most,
                                            const HeldRuns& held) {
    const Room room = room_of(session, cluster, host_, held);
    const auto now = clock_.now();
    std::set<RunId> passed_over = held.runs;
    std::vector<RunId> ids;
    std::vector<std::string> owners_of_ids;
    for (int looks = 0; ids.empty() && looks < most_looks; ++looks) {
        const auto owners = lines(session, {cluster, room, most, passed_over, held.revisions});
        const Turns turns = choose_turns([&] { return owners->next(); }, room, most, now, longest_pass_);
        for (const Turns::Taken& taken : turns.taken) {
            if (claim(session, taken.run)) {
                owners_of_ids.push_back(owners->owner(taken.owner));
                ids.push_back(taken.run);
            } else {
                passed_over.insert(taken.run);  // others are taking it
            }
        }
        for (const RunId& passed : turns.newly_passed) {
            note_pass(session, passed, now);
        }
        owners->close();
        if (passed_over.size() == held.runs.size()) {
            break;
        }
    }
    if (!ids.empty()) {
        record_turns(session, cluster, owners_of_ids);
    }
    return ids;
}

void LeasingQueue::finish(const Run& run) noexcept {
    auto leases = leases_.lock();
    leases->held.erase(run.id);
    if (is_shared()) {
        const auto now = clock_.now();
        std::erase_if(leases->let_go,
                      [&](const auto& entry) { return now - entry.second >= longest_hand_over_; });
        leases->let_go[run.id] = now;
    }
}

void LeasingQueue::give_back(const Run& run, Turn turn) noexcept {
    const LogScope scope{"run_id", run.id.value};
    try {
        std::optional<AdvancedRun> advanced;
        database_.write([&](SqlSession& session) {
            advanced = advance_run(session, run.id, {run.attempt.number, Deferred{}});
            if (advanced && turn == Turn::kept) {
                give_turn_back(session, run);
            }
        });
        if (advanced) {
            observe_change(*advanced, metrics_);
        }
    } catch (const std::exception& error) {
        // Its phase stays `submitting`, and without its lease it is handed out again.
        log_warning("run {} could not be given back to the queue: {}", run.id.value, error.what());
    }
    leases_.lock()->held.erase(run.id);
}

}  // namespace flotilla
