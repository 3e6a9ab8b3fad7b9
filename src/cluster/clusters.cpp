#include "cluster/clusters.hpp"

#include <algorithm>

namespace flotilla {

const ServedCluster* Clusters::find(const std::string& name) const {
    const auto found = std::find_if(clusters_.begin(), clusters_.end(),
                                    [&](const ServedCluster& served) { return served.cluster.name == name; });
    return found == clusters_.end() ? nullptr : &*found;
}

const ServedCluster* Clusters::find_configured(const std::string& name) const {
    const ServedCluster* served = find(name);
    return served != nullptr && served->cluster.is_configured ? served : nullptr;
}

std::vector<std::string> Clusters::names() const {
    std::vector<std::string> names;
    for (const ServedCluster& served : clusters_) {
        if (served.cluster.is_configured) {
            names.push_back(served.cluster.name);
        }
    }
    return names;
}

}  // namespace flotilla
