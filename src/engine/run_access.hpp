#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/run_token.hpp"
#include "engine/secrets.hpp"

namespace flotilla {

/// What a job needs to report its own status: `FLOTILLA_URL`, where the server is, and `FLOTILLA_RUN_TOKEN`,
/// where the server asks for tokens. As all secrets they win over variables of the same names.
class RunAccess final : public SecretValues {
public:
    /// `url` is empty if jobs are not told; without `tokens` they need none.
    RunAccess(std::string url, std::optional<RunTokens> tokens)
        : url_(std::move(url)), tokens_(std::move(tokens)) {}

    [[nodiscard]] std::vector<SecretVariable> values_for(const Task& task) override;

private:
    std::string url_;
    std::optional<RunTokens> tokens_;
};

}  // namespace flotilla
