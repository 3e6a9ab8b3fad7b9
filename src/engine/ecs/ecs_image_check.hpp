#pragma once

#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "image/image_check.hpp"
#include "image/registry_check.hpp"
#include "net/aws/client.hpp"
#include "net/aws/optional_actions.hpp"

namespace flotilla {

/// A repository of Amazon ECR, as the name of an image has it.
struct EcrRepository {
    std::string account;
    std::string region;
};
/// Nothing for other registries.
[[nodiscard]] std::optional<EcrRepository> ecr_repository(const std::string& registry);

/// Whether ECS can have an image: its registry is asked, ECR with the credentials of the server. Where those
/// may not ask ECR, its images are taken to be there.
class EcsImageCheck final : public ImageCheck {
public:
    EcsImageCheck(AwsClient& aws, RegistryCheck& registry, OptionalActions& optional)
        : aws_(aws), registry_(registry), optional_(optional) {}

    [[nodiscard]] ImageAnswer check(const ImageReference& image) override;
    [[nodiscard]] std::vector<std::string> names() override { return {}; }
    void keep_only(const std::set<std::string>&, const std::stop_token&) override {}

private:
    [[nodiscard]] ImageAnswer ask_ecr(const EcrRepository& repository, const ImageReference& image);

    AwsClient& aws_;
    RegistryCheck& registry_;
    OptionalActions& optional_;
};

}  // namespace flotilla
