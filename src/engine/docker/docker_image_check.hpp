#pragma once

#include <set>
#include <stop_token>
#include <string>

#include "engine/docker/daemon.hpp"
#include "image/image_check.hpp"
#include "image/registry_check.hpp"

namespace flotilla {

/// The image check of the Docker engine: an image is there if it is in the daemon's store or its registry has
/// it. The store is the daemon's own, so nothing is kept there.
class DockerImageCheck final : public ImageCheck {
public:
    DockerImageCheck(HttpClient& http, DaemonAddress address, RegistryCheck& registry, Clock& clock)
        : daemon_(http, std::move(address), clock), registry_(registry) {}

    [[nodiscard]] ImageAnswer check(const ImageReference& image) override;
    [[nodiscard]] std::vector<std::string> names() override;
    void keep_only(const std::set<std::string>&, const std::stop_token&) override {}

private:
    Daemon daemon_;
    RegistryCheck& registry_;
};

}  // namespace flotilla
