#pragma once

#include <string>
#include <utility>

#include "cluster/clusters.hpp"
#include "core/run.hpp"
#include "queue/run_queue.hpp"

namespace flotilla {

/// Says what runs wait for, as this server sees it.
class WaitingService {
public:
    struct Here {
        std::string host;  ///< its id
        bool starts_runs = true;
    };

    WaitingService(RunQueues queues, const Clusters& clusters, Here here)
        : queues_(queues), clusters_(clusters), here_(std::move(here)) {}

    /// One sentence while the run is `QUEUED`, `PENDING` or `NEEDS_RETRY`, or has to end and cannot, else
    /// empty.
    [[nodiscard]] std::string reason(const Run& run);
    /// Why the run has to end and cannot; empty if nothing is in the way.
    [[nodiscard]] std::string reason_of_no_end(const Run& run);

private:
    [[nodiscard]] std::string reason_in_queue(const Run& run);
    [[nodiscard]] std::string reason_at_engine(const Run& run);
    [[nodiscard]] bool is_elsewhere(const Attempt& attempt) const;

    RunQueues queues_;
    const Clusters& clusters_;
    Here here_;
};

}  // namespace flotilla
