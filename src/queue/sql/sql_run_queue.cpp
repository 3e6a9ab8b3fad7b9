#include "queue/sql/sql_run_queue.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "store/json_columns.hpp"
#include "store/run_observation.hpp"
#include "store/run_rows.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace {

/// How far down an owner's line to look for runs that do not fit and have to be passed.
constexpr std::int64_t longest_look = 16;
constexpr std::int64_t most_owners = 256;
/// How far to count the runs before one: it tells no more how many thousands they are, and costs each
/// request.
constexpr std::int64_t most_before = 1'000;

Room room_of(SqlSession& session, const Cluster& cluster) {
    Room room(cluster);
    session.query(
        "SELECT memory, cpu, gpu, ports FROM runs WHERE cluster = $1 AND phase IN ('submitting', 'pending', "
        "'running')",
        {cluster.name}, [&](const SqlRow& row) {
            room.occupy({.memory = row.integer(0),
                         .cpu = optional_integer(row, 1),
                         .gpu = optional_integer(row, 2),
                         .ports = ports_from_column(row.text(3))});
        });
    return room;
}

/// Owners with waiting runs, the one whose last turn is longest ago first. Walks the index from owner to
/// owner: the cost is that of the owners, not of the runs.
std::vector<std::string> owners_in_turn(SqlSession& session, const Cluster& cluster) {
    std::vector<std::string> owners;
    session.query(
        "WITH RECURSIVE waiting_owners (owner) AS ("
        "  SELECT MIN(owner) FROM runs WHERE cluster = $1 AND phase = 'waiting'"
        "  UNION ALL"
        "  SELECT (SELECT MIN(owner) FROM runs WHERE cluster = $1 AND phase = 'waiting'"
        "          AND owner > waiting_owners.owner)"
        "  FROM waiting_owners WHERE waiting_owners.owner IS NOT NULL)"
        " SELECT waiting_owners.owner FROM waiting_owners"
        " LEFT JOIN owner_turns ON owner_turns.cluster = $1 AND owner_turns.owner = waiting_owners.owner"
        " WHERE waiting_owners.owner IS NOT NULL"
        " ORDER BY COALESCE(owner_turns.turn, 0), waiting_owners.owner LIMIT $2",
        {cluster.name, most_owners}, [&](const SqlRow& row) { owners.push_back(row.text(0)); });
    return owners;
}

/// The owner's oldest runs, and the oldest ones that fit by memory and GPUs, oldest first.
OwnerLine line_of(SqlSession& session, const Cluster& cluster, const std::string& owner, const Room& room,
                  std::size_t most) {
    OwnerLine line;
    session.query(
        "SELECT run_id, memory, cpu, gpu, ports, passed_since, attempt_queued_at FROM ("
        "  SELECT * FROM (SELECT run_id, memory, cpu, gpu, ports, passed_since, attempt_queued_at FROM runs"
        "    WHERE cluster = $1 AND owner = $2 AND phase = 'waiting'"
        "    ORDER BY attempt_queued_at, run_id LIMIT $3) AS oldest"
        "  UNION"
        "  SELECT * FROM (SELECT run_id, memory, cpu, gpu, ports, passed_since, attempt_queued_at FROM runs"
        "    WHERE cluster = $1 AND owner = $2 AND phase = 'waiting' AND memory <= $4"
        "    AND COALESCE(gpu, 0) <= $6"
        "    ORDER BY attempt_queued_at, run_id LIMIT $5) AS fitting) AS line"
        " ORDER BY attempt_queued_at, run_id",
        {cluster.name, owner, longest_look, room.memory, static_cast<std::int64_t>(most), room.gpu},
        [&](const SqlRow& row) {
            line.push_back({.id = {row.text(0)},
                            .needs = {.memory = row.integer(1),
                                      .cpu = optional_integer(row, 2),
                                      .gpu = optional_integer(row, 3),
                                      .ports = ports_from_column(row.text(4))},
                            .passed_since = optional_time(row, 5)});
        });
    return line;
}

/// How many runs of the owner wait, counted no further than `most`.
std::int64_t waiting_of(SqlSession& session, const Cluster& cluster, const std::string& owner,
                        std::int64_t most) {
    std::int64_t count = 0;
    if (most > 0) {
        session.query(
            "SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE cluster = $1 AND owner = $2 AND phase = 'waiting'"
            " LIMIT $3) AS waiting",
            {cluster.name, owner, most}, [&](const SqlRow& row) { count = row.integer(0); });
    }
    return count;
}

/// How many runs of the cluster have their turn before this one, counted not much further than `most_before`:
/// an owner has as many turns before it as the run has runs of its own owner, and one more where it is the
/// owner's turn earlier.
std::int64_t place_of(SqlSession& session, const Cluster& cluster, const Run& run) {
    std::int64_t own_before = 0;
    session.query(
        "SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE cluster = $1 AND owner = $2 AND phase = 'waiting'"
        " AND (attempt_queued_at < $3 OR (attempt_queued_at = $3 AND run_id < $4)) LIMIT $5) AS earlier",
        {cluster.name, run.owner, sql_value(run.attempt.queued_at), run.id.value, most_before + 1},
        [&](const SqlRow& row) { own_before = row.integer(0); });
    std::int64_t before = own_before;
    std::int64_t turns = own_before + 1;
    for (const std::string& owner : owners_in_turn(session, cluster)) {
        if (before > most_before) {
            break;
        }
        if (owner == run.owner) {
            turns = own_before;
        } else {
            before += waiting_of(session, cluster, owner, turns);
        }
    }
    return before;
}

std::string turn_text(std::int64_t before) {
    if (before > most_before) {
        return fmt::format("more than {} runs are before it", most_before);
    }
    switch (before) {
        case 0:
            return "it is next";
        case 1:
            return "1 run is before it";
        default:
            return fmt::format("{} runs are before it", before);
    }
}

void record_turn(SqlSession& session, const Cluster& cluster, const std::string& owner) {
    session.execute(
        "INSERT INTO owner_turns (cluster, owner, turn)"
        " SELECT $1, $2, COALESCE(MAX(turn), 0) + 1 FROM owner_turns WHERE cluster = $1"
        " ON CONFLICT (cluster, owner) DO UPDATE SET turn = excluded.turn",
        {cluster.name, owner});
}

}  // namespace

std::vector<RunQueue::Lease> SqlRunQueue::take(const Cluster& cluster, std::size_t most) {
    std::vector<Run> runs;
    std::size_t left_behind_runs = 0;
    const auto drop_leases = [&] {
        auto leased = leased_.lock();
        for (const Run& run : runs) {
            leased->erase(run.id);
        }
        runs.clear();
    };
    try {
        database_.write([&](SqlSession& session) {
            drop_leases();  // those of a try before this one, of which nothing is stored
            for (const RunId& id : left_behind(session, cluster)) {
                runs.push_back(*select_run(session, id));
            }
            left_behind_runs = runs.size();
            for (const RunId& id : take_turns(session, cluster, most)) {
                const auto number = select_run(session, id)->attempt.number;
                runs.push_back(advance_run(session, id, {number, Submitting{}})->run);
            }
            // Before the commit: whoever takes next must see which of the runs in `submitting` are leased.
            auto leased = leased_.lock();
            for (const Run& run : runs) {
                leased->insert(run.id);
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

std::string SqlRunQueue::waiting_for(const Run& run, const Cluster& cluster) {
    std::string sentence;
    database_.read([&](SqlSession& session) {
        sentence = obstacle(
            room_of(session, cluster),
            {.memory = run.spec.memory, .cpu = run.spec.cpu, .gpu = run.spec.gpu, .ports = run.spec.ports});
        const auto turn = turn_text(place_of(session, cluster, run));
        sentence = sentence.empty() ? "its turn: " + turn : fmt::format("{}; {}", sentence, turn);
    });
    return sentence;
}

std::vector<RunId> SqlRunQueue::left_behind(SqlSession& session, const Cluster& cluster) {
    std::vector<RunId> ids;
    auto leased = leased_.lock();
    // The first term on the phase is that of the index on live runs.
    session.query(
        "SELECT run_id FROM runs WHERE cluster = $1 AND phase IN ('submitting', 'pending', 'running')"
        " AND phase = 'submitting'",
        {cluster.name}, [&](const SqlRow& row) {
            RunId id{row.text(0)};
            if (!leased->contains(id)) {
                ids.push_back(std::move(id));
            }
        });
    return ids;
}

std::vector<RunId> SqlRunQueue::take_turns(SqlSession& session, const Cluster& cluster, std::size_t most) {
    const Room room = room_of(session, cluster);
    if (room.is_full()) {
        return {};
    }
    const auto owners = owners_in_turn(session, cluster);
    std::vector<OwnerLine> lines;
    for (const std::string& owner : owners) {
        lines.push_back(line_of(session, cluster, owner, room, most));
    }
    const auto now = clock_.now();
    const Turns turns = choose_turns(lines, room, most, now, longest_pass_);
    for (const RunId& passed : turns.newly_passed) {
        session.execute("UPDATE runs SET passed_since = $2 WHERE run_id = $1",
                        {passed.value, sql_value(now)});
    }
    std::vector<RunId> ids;
    for (const Turns::Taken& taken : turns.taken) {
        record_turn(session, cluster, owners[taken.owner]);
        ids.push_back(taken.run);
    }
    return ids;
}

void SqlRunQueue::finish(const Run& run) noexcept {
    leased_.lock()->erase(run.id);
}

void SqlRunQueue::give_back(const Run& run) noexcept {
    const LogScope scope{"run_id", run.id.value};
    try {
        std::optional<AdvancedRun> advanced;
        database_.write([&](SqlSession& session) {
            advanced = advance_run(session, run.id, {run.attempt.number, Deferred{}});
        });
        if (advanced) {
            observe_change(*advanced, metrics_);
        }
    } catch (const std::exception& error) {
        // Its phase stays `submitting`, and without its lease it is handed out again.
        log_warning("run {} could not be given back to the queue: {}", run.id.value, error.what());
    }
    leased_.lock()->erase(run.id);
}

}  // namespace flotilla
