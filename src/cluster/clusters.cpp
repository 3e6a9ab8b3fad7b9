#include "cluster/clusters.hpp"

#include <algorithm>

namespace flotilla {

const ServedCluster* Clusters::find(const std::string& name) const {
    const auto found = std::find_if(clusters_.begin(), clusters_.end(),
                                    [&](const ServedCluster& served) { return served.cluster.name == name; });
    return found == clusters_.end() ? nullptr : &*found;
}

std::string Clusters::names() const {
    std::string text;
    for (const ServedCluster& served : clusters_) {
        text += (text.empty() ? "" : ", ") + served.cluster.name;
    }
    return text;
}

}  // namespace flotilla
