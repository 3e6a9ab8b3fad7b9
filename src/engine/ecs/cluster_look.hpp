#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "engine/ecs/account_clusters.hpp"

namespace flotilla {

/// Looks whether a cluster is there and has instances, and remembers it for a while. What is passed by
/// reference outlives this object. Safe to use from any thread.
class ClusterLook {
public:
    ClusterLook(AccountClusters& clusters, Clock& clock, std::string cluster)
        : clusters_(clusters), clock_(clock), cluster_(std::move(cluster)) {}

    /// Why no run could be started there, in one line; nothing if all is well. Takes a second at most.
    [[nodiscard]] std::optional<std::string> trouble();
    /// As it was seen last; false if nobody looked.
    [[nodiscard]] bool lacks_instances();

private:
    /// What ECS said a short while ago.
    struct Look {
        std::chrono::microseconds at;  ///< `Clock::elapsed`
        std::optional<std::string> trouble;
        bool has_instances = true;
    };
    [[nodiscard]] Look look() const;

    AccountClusters& clusters_;
    Clock& clock_;
    std::string cluster_;
    Guarded<std::optional<Look>> looked_;
};

}  // namespace flotilla
