#include "app/engines.hpp"

namespace flotilla {

ClusterEngine Engines::make(const ClusterConfig& cluster) {
    if (cluster.engine == "docker") {
        return {docker_.make_engine(cluster), docker_.make_image_check(cluster)};
    }
    if (!local_) {
        local_.emplace(host_);
    }
    return {local_->make_engine(cluster), local_->image_check()};
}

}  // namespace flotilla
