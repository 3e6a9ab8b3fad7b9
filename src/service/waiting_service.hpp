#pragma once

#include <string>

#include "cluster/clusters.hpp"
#include "core/run.hpp"
#include "queue/run_queue.hpp"

namespace flotilla {

/// Says what runs wait for.
class WaitingService {
public:
    WaitingService(RunQueue& queue, const Clusters& clusters) : queue_(queue), clusters_(clusters) {}

    /// One sentence while the run is `QUEUED`, `PENDING` or `NEEDS_RETRY`, else empty.
    [[nodiscard]] std::string reason(const Run& run);

private:
    [[nodiscard]] std::string reason_in_queue(const Run& run);
    [[nodiscard]] std::string reason_at_engine(const Run& run);

    RunQueue& queue_;
    const Clusters& clusters_;
};

}  // namespace flotilla
