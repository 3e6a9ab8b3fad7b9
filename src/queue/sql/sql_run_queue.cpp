#include "queue/sql/sql_run_queue.hpp"

#include <fmt/format.h>

#include "queue/sql/waiting_owners.hpp"
#include "store/sql_lookup.hpp"
#include "store/sql_values.hpp"

namespace flotilla {

namespace {

/// How far to count the runs before one: it tells no more how many thousands they are, and costs each
/// request.
constexpr std::int64_t most_before = 1'000;

/// How many runs of the owner wait, counted no further than `most`.
std::int64_t waiting_of(SqlSession& session, const Cluster& cluster, const std::string& owner,
                        std::int64_t most) {
    if (most <= 0) {
        return 0;
    }
    return number_of(
        session,
        "SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE cluster = $1 AND owner = $2 AND phase = 'waiting'"
        " LIMIT $3) AS waiting",
        {cluster.name, owner, most});
}

/// How many runs of the cluster have their turn before this one, counted not much further than `most_before`:
/// an owner has as many turns before it as the run has runs of its own owner, and one more where it is the
/// owner's turn earlier.
std::int64_t place_of(SqlSession& session, const Cluster& cluster, const Run& run) {
    const auto own_before = number_of(
        session,
        "SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE cluster = $1 AND owner = $2 AND phase = 'waiting'"
        " AND (attempt_queued_at < $3 OR (attempt_queued_at = $3 AND run_id < $4)) LIMIT $5) AS earlier",
        {cluster.name, run.owner, sql_value(run.attempt.queued_at), run.id.value, most_before + 1});
    std::int64_t before = own_before;
    std::int64_t turns = own_before + 1;
    for (const std::string& owner : owners_in_turn(session, cluster, most_owners)) {
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

}  // namespace

std::unique_ptr<OwnerLines> SqlRunQueue::lines(SqlSession& session, const TurnsWanted& wanted) {
    return std::make_unique<OwnerWalk>(session, wanted);
}

std::string SqlRunQueue::turn_of(SqlSession& session, const Cluster& cluster, const Run& run) {
    return turn_text(place_of(session, cluster, run));
}

}  // namespace flotilla
