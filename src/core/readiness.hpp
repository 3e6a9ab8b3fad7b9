#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flotilla {

struct ClusterReadiness {
    std::string cluster;
    std::optional<std::string> trouble;  ///< why it could start no run now, in one line
};

/// Whether a server can do its work, part by part.
struct Readiness {
    bool is_stopping = false;
    std::optional<std::string> store;  ///< what is wrong with it, in one line
    std::vector<ClusterReadiness> clusters;
    /// What engines do without, one line each, by cluster: those also to which no runs may be sent any more.
    std::map<std::string, std::vector<std::string>> losses;

    [[nodiscard]] bool is_ready() const {
        return !is_stopping && !store &&
               std::none_of(clusters.begin(), clusters.end(),
                            [](const ClusterReadiness& cluster) { return cluster.trouble.has_value(); });
    }
};

}  // namespace flotilla
