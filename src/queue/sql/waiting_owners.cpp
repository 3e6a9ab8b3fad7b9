#include "queue/sql/waiting_owners.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "queue/held_revisions.hpp"
#include "queue/places.hpp"

namespace flotilla {

namespace {

/// How far down an owner's line to look for runs that do not fit and have to be passed.
constexpr std::int64_t longest_look = 16;
constexpr int most_sizes = 64;

/// Whether some waiting run asks for no more memory than there is.
bool may_fit(SqlSession& session, const Cluster& cluster, const Room& room) {
    bool found = false;
    session.query(
        "SELECT MIN(memory) FROM runs WHERE cluster = $1 AND phase = 'waiting'", {cluster.name},
        [&](const SqlRow& row) { found = !row.is_null(0) && row.integer(0) <= room.most_memory(); });
    return found;
}

/// Adds the owner's oldest runs for which `condition` holds, at most `$3`, and none that is held; says how
/// many there were.
std::size_t add_oldest(SqlSession& session, std::string_view condition, std::vector<SqlValue> values,
                       const std::set<Revision>& held, std::set<Place>& places) {
    const std::string other =
        held.empty() ? "" : fmt::format(" AND ({}) IS NOT TRUE", made_of_any(held, values));
    std::size_t found = 0;
    session.query(fmt::format("SELECT {} FROM runs"
                              " WHERE cluster = $1 AND owner = $2 AND phase = 'waiting'{}{}"
                              " ORDER BY attempt_queued_at, run_id LIMIT $3",
                              place_columns, condition, other),
                  values, [&](const SqlRow& row) {
                      ++found;
                      places.insert(place_in(row));
                  });
    return found;
}

/// What an owner's waiting runs ask for of what is scarce.
struct Size {
    std::int64_t memory = -1;
    std::int64_t gpu = -1;
};

/// The next larger size that a waiting run of the owner has, by memory, then by GPUs. One step in an index.
std::optional<Size> next_size(SqlSession& session, const Cluster& cluster, const std::string& owner,
                              const Size& size) {
    std::optional<Size> next;
    const auto look = [&](std::string_view condition, const std::vector<SqlValue>& values) {
        session.query(fmt::format("SELECT memory, COALESCE(gpu, 0) FROM runs"
                                  " WHERE cluster = $1 AND owner = $2 AND phase = 'waiting' AND {}"
                                  " ORDER BY memory, COALESCE(gpu, 0) LIMIT 1",
                                  condition),
                      values, [&](const SqlRow& row) {
                          next = Size{row.integer(0), row.integer(1)};
                      });
    };
    look("memory = $3 AND COALESCE(gpu, 0) > $4", {cluster.name, owner, size.memory, size.gpu});
    if (!next) {
        look("memory > $3", {cluster.name, owner, size.memory});
    }
    return next;
}

/// The owner's oldest runs that are not held, oldest first; where few of them fit, also the oldest ones of
/// each size that does. What it costs depends on how many are held before them, and not on how many wait
/// besides.
OwnerLine line_of(SqlSession& session, const Cluster& cluster, const std::string& owner, const Room& room,
                  std::size_t most, const std::set<Revision>& held) {
    std::set<Place> places;
    const auto look = std::max(longest_look, static_cast<std::int64_t>(most));
    const auto found = add_oldest(session, "", {cluster.name, owner, look}, held, places);
    const auto fitting = static_cast<std::size_t>(std::count_if(
        places.begin(), places.end(), [&](const Place& place) { return room.fits(place.run.needs); }));
    if (fitting < most && found == static_cast<std::size_t>(look)) {
        auto size = next_size(session, cluster, owner, {});
        for (int sizes = 0; size && size->memory <= room.most_memory() && sizes < most_sizes; ++sizes) {
            if (size->gpu <= room.gpu &&
                room.oversize({.memory = size->memory, .gpu = size->gpu}) == nullptr) {
                add_oldest(session, " AND memory = $4 AND COALESCE(gpu, 0) = $5",
                           {cluster.name, owner, static_cast<std::int64_t>(most), size->memory, size->gpu},
                           held, places);
            }
            size = next_size(session, cluster, owner, *size);
        }
    }
    OwnerLine line;
    for (const Place& place : places) {
        line.push_back(place.run);
    }
    return line;
}

bool has_waiting_runs(SqlSession& session, const Cluster& cluster, const std::string& owner) {
    bool found = false;
    session.query("SELECT 1 FROM runs WHERE cluster = $1 AND owner = $2 AND phase = 'waiting' LIMIT 1",
                  {cluster.name, owner}, [&](const SqlRow&) { found = true; });
    return found;
}

/// Takes an owner who has no waiting runs left from those who wait. Only once the rows are this transaction's
/// is it looked whether there are none left: who enters a run keeps them until it is there for all to see.
void remove_owner(SqlSession& session, const Cluster& cluster, const std::string& owner) {
    std::vector<std::int64_t> entries;
    session.query(fmt::format("SELECT entry FROM waiting_owners WHERE cluster = $1 AND owner = $2{}",
                              session.dialect().for_update_skip_locked()),
                  {cluster.name, owner}, [&](const SqlRow& row) { entries.push_back(row.integer(0)); });
    for (const std::int64_t entry : entries) {
        session.execute(
            "DELETE FROM waiting_owners WHERE entry = $1 AND NOT EXISTS"
            " (SELECT 1 FROM runs WHERE cluster = $2 AND owner = $3 AND phase = 'waiting')",
            {entry, cluster.name, owner});
    }
}

}  // namespace

std::vector<std::string> owners_in_turn(SqlSession& session, const Cluster& cluster, std::int64_t most,
                                        std::int64_t skipped) {
    std::vector<std::string> owners;
    session.query(
        "SELECT owner FROM waiting_owners WHERE cluster = $1 ORDER BY turn, owner, entry LIMIT $2 OFFSET $3",
        {cluster.name, most, skipped}, [&](const SqlRow& row) { owners.push_back(row.text(0)); });
    return owners;
}

std::optional<OwnerLine> OwnerWalk::next() {
    while (!is_over_ && owners_.size() == ahead_) {
        is_over_ = !look_ahead();
    }
    if (is_over_) {
        return std::nullopt;
    }
    const std::string& owner = owners_[ahead_++];
    OwnerLine line = line_of(session_, cluster_, owner, room_, most_ + passed_over_.size(), held_);
    if (line.empty()) {
        if (!held_.empty() && has_waiting_runs(session_, cluster_, owner)) {
            ++held_up_;
        } else {
            without_runs_.push_back(owner);
        }
    }
    std::erase_if(line, [&](const WaitingRun& run) {
        return passed_over_.contains(run.id) || held_.contains(run.revision);
    });
    if (!some_may_fit_) {
        some_may_fit_ =
            std::ranges::any_of(line, [&](const WaitingRun& run) { return room_.fits(run.needs); }) ||
            may_fit(session_, cluster_, room_);
        is_over_ = !some_may_fit_;
    }
    return line;
}

void OwnerWalk::close() {
    for (const std::string& owner : without_runs_) {
        remove_owner(session_, cluster_, owner);
    }
}

/// Reads of some more owners; false if there are none.
bool OwnerWalk::look_ahead() {
    const auto read = static_cast<std::int64_t>(read_);
    const auto some = std::min(static_cast<std::int64_t>(most_), most_owners + held_up_ - read);
    if (some <= 0) {
        return false;
    }
    auto entries = owners_in_turn(session_, cluster_, some, read);
    read_ += entries.size();
    for (std::string& owner : entries) {
        if (std::ranges::find(owners_, owner) == owners_.end()) {  // one may be entered twice
            owners_.push_back(std::move(owner));
        }
    }
    return !entries.empty();
}

}  // namespace flotilla
