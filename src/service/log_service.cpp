#include "service/log_service.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace flotilla {

namespace {

/// The cluster of the run or, if that is no longer configured, another one of the same engine.
const ServedCluster& reader_of(const Run& run, const Clusters& clusters) {
    if (const ServedCluster* served = clusters.find(run.cluster)) {
        return *served;
    }
    const auto& all = clusters.all();
    const auto same_engine = std::find_if(all.begin(), all.end(), [&](const ServedCluster& served) {
        return served.cluster.engine == run.engine;
    });
    if (same_engine == all.end()) {
        throw unavailable("the log of run {} cannot be read: its cluster [{}] is no longer configured",
                          run.id.value, run.cluster);
    }
    return *same_engine;
}

}  // namespace

LogPage LogService::read(const RunId& id, std::string_view last_seen) {
    const Run run = runs_.get(id);
    if (run.status == RunStatus::queued || run.status == RunStatus::pending) {
        return {};
    }
    return reader_of(run, clusters_).logs.read(run, last_seen);
}

}  // namespace flotilla
