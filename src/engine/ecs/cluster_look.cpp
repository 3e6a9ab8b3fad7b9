#include "engine/ecs/cluster_look.hpp"

#include "engine/ecs/run_task.hpp"

namespace flotilla {

std::optional<std::string> ClusterLook::trouble() {
    constexpr std::chrono::seconds good_for{30};
    constexpr std::chrono::seconds bad_for{2};
    const auto looked = *looked_.lock();
    if (looked && clock_.elapsed() - looked->at < (looked->trouble ? bad_for : good_for)) {
        return looked->trouble;
    }
    const Look seen = look();
    *looked_.lock() = seen;
    return seen.trouble;
}

bool ClusterLook::lacks_instances() {
    const auto looked = *looked_.lock();
    return looked && !looked->has_instances;
}

/// Whoever asks whether all is well waits for little more than a second.
ClusterLook::Look ClusterLook::look() const {
    constexpr std::chrono::seconds patience{1};
    Look seen{.at = clock_.elapsed(), .trouble = {}};
    try {
        const auto states = clusters_.describe({cluster_}, {.patience = patience, .timeout = patience});
        if (states.empty() || !states.front().is_active()) {
            seen.trouble = no_cluster(cluster_);
        } else {
            seen.has_instances = states.front().container_instances > 0;
        }
    } catch (const Error& error) {
        seen.trouble = error.what();
    }
    return seen;
}

}  // namespace flotilla
