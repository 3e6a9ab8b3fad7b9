#pragma once

#include <string>
#include <vector>

#include "base/wake.hpp"
#include "cluster/engine_pause.hpp"
#include "core/cluster.hpp"
#include "engine/engine.hpp"
#include "engine/preparation.hpp"
#include "engine/secrets.hpp"
#include "image/image_check.hpp"
#include "logs/log_reader.hpp"

namespace flotilla {

/// A cluster with what serves it. The parts outlive this object; `app` owns them.
struct ServedCluster {
    Cluster cluster;
    Engine& engine;
    ImageCheck& images;
    SecretCheck& secrets;
    LogReader& logs;
    Wake& submit_wake;                   ///< runs may be waiting, or room was made
    Wake& stop_wake;                     ///< a container may have to go
    EnginePause& pause;                  ///< of what is handed to it
    EnginePause& stop_pause;             ///< of containers that it is asked to end
    Preparation* preparation = nullptr;  ///< of an engine that wants to know of definitions and runs before
};

/// All clusters, in the order of the configuration, and after them those that are no longer configured.
class Clusters {
public:
    explicit Clusters(std::vector<ServedCluster> clusters) : clusters_(std::move(clusters)) {}
    /// nullptr if there is no cluster of that name.
    [[nodiscard]] const ServedCluster* find(const std::string& name) const;
    [[nodiscard]] const std::vector<ServedCluster>& all() const { return clusters_; }
    /// As `find`, but only if runs may be sent there.
    [[nodiscard]] const ServedCluster* find_configured(const std::string& name) const;
    /// The names of those that runs may be sent to, in order.
    [[nodiscard]] std::vector<std::string> names() const;

private:
    std::vector<ServedCluster> clusters_;
};

}  // namespace flotilla
