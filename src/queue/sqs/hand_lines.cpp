#include "queue/sqs/hand_lines.hpp"

#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "queue/places.hpp"
#include "store/sql_lookup.hpp"

namespace flotilla {

namespace {

using PlacesByOwner = std::map<std::string, std::set<Place>>;

/// Adds the run where it waits for the cluster and is not held; else its message is of no use, unless it is
/// just being handed over.
void add_place(SqlSession& session, const TurnsWanted& wanted, const RunId& run, ClusterMessages& messages,
               PlacesByOwner& places) {
    static const auto sql =
        fmt::format("SELECT {}, owner, phase, cluster FROM runs WHERE run_id = $1", place_columns);
    bool is_known = false;
    session.query(sql, {run.value}, [&](const SqlRow& row) {
        is_known = true;
        const std::string phase = row.text(place_column_count + 1);
        const bool is_of_cluster = row.text(place_column_count + 2) == wanted.cluster.name;
        if (is_of_cluster && phase == "waiting") {
            Place place = place_in(row);
            if (wanted.held.contains(place.run.revision)) {
                messages.put_away(run);
            } else if (!wanted.passed_over.contains(run)) {
                places[row.text(place_column_count)].insert(std::move(place));
            }
        } else if (!is_of_cluster || phase != "submitting") {
            messages.drop(run);
        }
    });
    if (!is_known) {
        messages.reject(run);
    }
}

std::int64_t last_turn_of(SqlSession& session, const Cluster& cluster, const std::string& owner) {
    return number_of(session, "SELECT turn FROM owner_turns WHERE cluster = $1 AND owner = $2",
                     {cluster.name, owner});
}

}  // namespace

HandLines::HandLines(SqlSession& session, const TurnsWanted& wanted, ClusterMessages& messages) {
    PlacesByOwner places;
    for (const RunId& run : messages.in_hand()) {
        add_place(session, wanted, run, messages, places);
    }
    std::set<std::pair<std::int64_t, std::string>> turns;
    for (const auto& [owner, runs] : places) {
        turns.emplace(last_turn_of(session, wanted.cluster, owner), owner);
    }
    for (const auto& [turn, owner] : turns) {
        OwnerLine line;
        for (const Place& place : places[owner]) {
            line.push_back(place.run);
        }
        lines_.emplace_back(owner, std::move(line));
    }
}

std::optional<OwnerLine> HandLines::next() {
    return next_ < lines_.size() ? std::optional(lines_[next_++].second) : std::nullopt;
}

}  // namespace flotilla
