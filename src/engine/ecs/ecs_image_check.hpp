#pragma once

#include <chrono>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "image/image_check.hpp"
#include "image/registry_check.hpp"

namespace flotilla {

/// Whether ECS can have an image: its registry is asked. Instances may have credentials that the server
/// lacks, and be in a network that it is not in: what a registry does not let the server read, and what is in
/// one that does not answer, is taken to be there, which is told once of each; the task itself tells the
/// rest. But not of Docker Hub, where a name that is forbidden is most often misspelt. Safe to call from any
/// thread.
class EcsImageCheck final : public ImageCheck {
public:
    /// `ecr` asks the registries of Amazon ECR, `others` all others.
    EcsImageCheck(RegistryCheck& ecr, RegistryCheck& others, Clock& clock)
        : ecr_(ecr), others_(others), clock_(clock) {}

    [[nodiscard]] ImageAnswer check(const ImageReference& image) override;
    [[nodiscard]] std::vector<std::string> names() override { return {}; }
    void keep_only(const std::set<std::string>&, const std::stop_token&) override {}

private:
    void tell(const std::string& registry, const std::string& reason);
    [[nodiscard]] bool was_silent(const std::string& registry);

    RegistryCheck& ecr_;
    RegistryCheck& others_;
    Clock& clock_;
    Guarded<std::set<std::string>> told_;                               ///< registries
    Guarded<std::map<std::string, std::chrono::microseconds>> silent_;  ///< likewise; `Clock::elapsed`
};

}  // namespace flotilla
