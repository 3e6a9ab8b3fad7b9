#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "image/image_check.hpp"
#include "image/registry_check.hpp"

namespace flotilla {

/// Whether ECS can have an image: its registry is asked. Instances may have credentials that the server
/// lacks: what a registry does not let the server read is taken to be there, which is told once of each. But
/// not of Docker Hub, where a name that is forbidden is most often misspelt.
class EcsImageCheck final : public ImageCheck {
public:
    /// `ecr` asks the registries of Amazon ECR, `others` all others.
    EcsImageCheck(RegistryCheck& ecr, RegistryCheck& others) : ecr_(ecr), others_(others) {}

    [[nodiscard]] ImageAnswer check(const ImageReference& image) override;
    [[nodiscard]] std::vector<std::string> names() override { return {}; }
    void keep_only(const std::set<std::string>&, const std::stop_token&) override {}

private:
    RegistryCheck& ecr_;
    RegistryCheck& others_;
    Guarded<std::set<std::string>> told_;  ///< registries
};

}  // namespace flotilla
