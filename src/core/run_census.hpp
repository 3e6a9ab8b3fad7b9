#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/run_status.hpp"

namespace flotilla {

/// How many runs that have not ended are where.
struct RunCensus {
    struct Live {
        std::string cluster;
        RunStatus status = RunStatus::queued;
        std::int64_t count = 0;
    };
    struct Waiting {
        std::string cluster;
        std::int64_t count = 0;  ///< runs whose attempt waits to be handed to the engine
        TimePoint oldest;        ///< since when the first of them has
    };
    std::vector<Live> live;        ///< none where there are no runs
    std::vector<Waiting> waiting;  ///< none where none waits
};

}  // namespace flotilla
