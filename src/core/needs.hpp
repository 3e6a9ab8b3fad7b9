#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/id.hpp"
#include "core/run.hpp"

namespace flotilla {

/// What a run holds of a cluster while it is there.
struct Needs {
    std::int64_t memory = 0;            ///< MiB
    std::optional<std::int64_t> cpu{};  ///< 1/1000 of a core; none: it may use what others leave
    std::optional<std::int64_t> gpu{};  ///< how many GPUs
    std::vector<int> ports{};
};
[[nodiscard]] Needs needs_of(const Run& run);

/// What there may be too little of.
enum class Scarce { memory, cpu, gpu, ports };

/// Whether the run needs any of it.
[[nodiscard]] bool asks_for(const Needs& run, Scarce what);

/// A size for which there is no room: what needs as much of all that is lacking, or more, does not fit
/// either.
struct Oversize {
    Needs needs;
    std::set<Scarce> lacking;  ///< never empty
    [[nodiscard]] bool covers(const Needs& run) const;
    /// What it needs of what is lacking, such as `512 MiB of memory and 2 GPUs`.
    [[nodiscard]] std::string text() const;
};

/// What an engine cannot start now, though it starts others.
struct HeldRuns {
    std::vector<Oversize> sizes;
    std::vector<Oversize>
        doubtful_sizes;              ///< were held, and are to be tried again: with one run, to begin with
    std::set<RunId> runs;            ///< each for a cause of its own
    std::set<Revision> revisions{};  ///< with all runs that were made of them
    std::set<Revision> doubtful_revisions{};  ///< were held, and are to be tried again, each with one run
};

}  // namespace flotilla
