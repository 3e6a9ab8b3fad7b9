#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/cluster.hpp"
#include "core/id.hpp"
#include "core/needs.hpp"

namespace flotilla {

/// A run that waits for a place on a cluster.
struct WaitingRun {
    RunId id;
    Needs needs;
    std::optional<TimePoint> passed_since;  ///< when a later run was first placed before it
    Revision revision{};
};

/// What a cluster can still take.
struct Room {
    /// `held`: what its engine has no room for, or may have none, whatever is counted here.
    explicit Room(const Cluster& cluster, const HeldRuns& held = {});

    enum class Lack { nothing, hosts, memory, cpu, gpu, places, ports };
    /// The first thing that the run cannot have now.
    [[nodiscard]] Lack lack(const Needs& run) const;
    [[nodiscard]] bool fits(const Needs& run) const {
        return lack(run) == Lack::nothing && oversize(run) == nullptr;
    }
    /// The size by which the engine has no room for the run; null: it may have.
    [[nodiscard]] const Oversize* oversize(const Needs& run) const;
    /// Whether the engine had no room for that size, and is to be asked for one such run alone.
    [[nodiscard]] bool is_doubtful(const Needs& run) const;
    /// No run that needs more memory fits, MiB.
    [[nodiscard]] std::int64_t most_memory() const;
    /// The first of the run's ports that is taken; nothing where runs do not share ports.
    [[nodiscard]] std::optional<int> taken_port(const Needs& run) const;
    /// Whether it could fit into the empty cluster.
    [[nodiscard]] bool could_ever_fit(const Needs& run) const;
    void occupy(const Needs& run);
    /// Keeps for a run that does not fit what it lacks: of what the engine has too little of, all.
    void keep_for(const Needs& run);
    [[nodiscard]] bool is_full() const { return memory <= 0 || (runs && *runs <= 0); }

    const Cluster& cluster;
    std::int64_t memory;
    std::optional<std::int64_t> cpu;
    std::int64_t gpu;
    std::optional<std::int64_t> runs;
    std::set<int> ports;  ///< taken, where runs share the host's ports
    std::vector<Oversize> oversizes;
    std::vector<Oversize> doubtful_sizes;
    std::set<Revision> doubtful_revisions;
};

/// What the run lacks to be placed now, as one sentence for people; empty if it fits. Pure.
[[nodiscard]] std::string obstacle(const Room& room, const Needs& run);

/// The waiting runs of one owner, oldest first.
using OwnerLine = std::vector<WaitingRun>;

/// Whose turn it is.
struct Turns {
    struct Taken {
        std::size_t owner;  ///< counted from 0 in the order of the lines
        RunId run;
    };
    std::vector<Taken> taken;         ///< in the order of their turns
    std::vector<RunId> newly_passed;  ///< runs before which a later one was placed for the first time
};

/// The line of the owner who is next in turn, each owner once; nothing when there are no more.
using NextLine = std::function<std::optional<OwnerLine>()>;

/// Owners take turns in the order in which `next_line` names them, one run each, until `most` are taken or
/// nothing fits. A run that does not fit is passed by others for `longest_pass`; then the room that it needs
/// is kept for it, and others go only where they fit beside it. Of what the engine may be unable to start one
/// run is taken, and others where they have nothing to do with that. Asks for no more lines than it needs.
/// Pure but for what `next_line` does.
[[nodiscard]] Turns choose_turns(const NextLine& next_line, Room room, std::size_t most, TimePoint now,
                                 std::chrono::seconds longest_pass);

}  // namespace flotilla
