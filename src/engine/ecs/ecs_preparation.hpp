#pragma once

#include <string>

#include "engine/ecs/account_clusters.hpp"
#include "engine/ecs/ecs_settings.hpp"
#include "engine/preparation.hpp"

namespace flotilla {

/// Registers task definitions, and sees to it that runs are such as ECS takes. Safe to call from any thread.
class EcsPreparation final : public Preparation {
public:
    EcsPreparation(AwsClient& aws, AccountClusters& clusters, EcsSettings settings)
        : aws_(aws), clusters_(clusters), settings_(std::move(settings)) {}

    [[nodiscard]] std::string register_definition(const Definition& definition) override;
    [[nodiscard]] bool is_registered(const Definition& definition) override;
    [[nodiscard]] std::string digest_of(const Definition& definition) override;
    void deregister(const std::string& object) override;
    [[nodiscard]] std::string request_of(const Definition& definition, const Run& run) override;
    [[nodiscard]] std::string log_location() override { return settings_.log_location; }

private:
    AwsClient& aws_;
    AccountClusters& clusters_;
    EcsSettings settings_;
};

}  // namespace flotilla
