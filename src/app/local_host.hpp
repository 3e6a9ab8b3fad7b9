#pragma once

#include <memory>

#include "app/host_parts.hpp"
#include "app/images.hpp"
#include "config/config.hpp"
#include "engine/local/host_trial.hpp"
#include "engine/local/local_engine.hpp"
#include "image/local_image_check.hpp"

namespace flotilla {

/// What the local clusters of this host share.
class LocalHostParts {
public:
    explicit LocalHostParts(HostParts& host);

    [[nodiscard]] std::unique_ptr<Engine> make_engine(const ClusterConfig& cluster);
    [[nodiscard]] ImageCheck& image_check() { return image_check_; }

private:
    void prepare_network(const std::string& cluster, RunNetwork network);

    HostParts& host_;
    HostTrial trial_;
    ImageStore images_;
    LocalImageCheck image_check_;
    Cgroups cgroups_;
    RunFolders folders_;
    RunNetworks networks_;
    Launcher launcher_;
    HostGpus gpus_;
    GpuGrants gpu_grants_;
};

}  // namespace flotilla
