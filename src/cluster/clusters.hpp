#pragma once

#include <string>
#include <vector>

#include "base/wake.hpp"
#include "core/cluster.hpp"
#include "engine/engine.hpp"
#include "image/image_check.hpp"
#include "logs/log_reader.hpp"

namespace flotilla {

/// A cluster with what serves it. The parts outlive this object; `app` owns them.
struct ServedCluster {
    Cluster cluster;
    Engine& engine;
    ImageCheck& images;
    LogReader& logs;
    Wake& submit_wake;  ///< runs may be waiting, or room was made
    Wake& stop_wake;    ///< a container may have to go
};

/// All clusters, in the order of the configuration.
class Clusters {
public:
    explicit Clusters(std::vector<ServedCluster> clusters) : clusters_(std::move(clusters)) {}
    /// nullptr if there is no cluster of that name.
    [[nodiscard]] const ServedCluster* find(const std::string& name) const;
    [[nodiscard]] const std::vector<ServedCluster>& all() const { return clusters_; }
    /// The names, in order, separated by commas.
    [[nodiscard]] std::string names() const;

private:
    std::vector<ServedCluster> clusters_;
};

}  // namespace flotilla
