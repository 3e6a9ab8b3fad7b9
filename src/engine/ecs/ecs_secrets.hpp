#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "engine/secrets.hpp"

namespace flotilla {

/// The secrets that ECS itself fetches, by the ARNs of the configuration.
class EcsSecrets final : public SecretCheck {
public:
    /// `arns` by the names of the secrets.
    explicit EcsSecrets(std::map<std::string, std::string> arns) : arns_(std::move(arns)) {}

    void check(const std::vector<std::string>& names) override {
        for (const std::string& name : names) {
            if (!arns_.contains(name)) {
                throw invalid("secret [{}] cannot be had on ECS: its configuration has to be {{arn: ARN}}",
                              name);
            }
        }
    }

private:
    std::map<std::string, std::string> arns_;
};

}  // namespace flotilla
