#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/guarded.hpp"
#include "image/registry.hpp"
#include "net/aws/client.hpp"
#include "net/aws/optional_actions.hpp"

namespace flotilla {

/// A registry of Amazon ECR, as the name of an image has it: one of each account in each region.
struct EcrAccount {
    std::string account;
    std::string region;
};
/// Nothing for other registries.
[[nodiscard]] std::optional<EcrAccount> ecr_account(const std::string& registry);

/// Asks registries of Amazon ECR, whatever account and region they are of, with the server's credentials of
/// AWS. Safe to call from any thread. See
/// https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
class EcrRegistry final : public ManifestSource {
public:
    /// What is passed by reference outlives this object.
    EcrRegistry(AwsClient& aws, HttpClient& http, Clock& clock, OptionalActions& optional)
        : aws_(aws), http_(http), clock_(clock), optional_(optional) {}

    /// `image` is of ECR.
    [[nodiscard]] ManifestAnswer manifest(const ImageReference& image, std::chrono::milliseconds timeout,
                                          const std::stop_token& stop) override;

private:
    /// What a registry lets read for some hours.
    struct Token {
        std::string authorization;  ///< of HTTP's Basic scheme
        std::string url;            ///< where the registry is
        TimePoint expires_at;
    };

    /// Nothing if the server may not ask for one. Throws `Error`.
    [[nodiscard]] std::optional<Token> token_for(const std::string& registry,
                                                 const AwsClient::Limits& limits);
    [[nodiscard]] Token ask_token(const EcrAccount& account, const AwsClient::Limits& limits);

    AwsClient& aws_;
    HttpClient& http_;
    Clock& clock_;
    OptionalActions& optional_;
    Guarded<std::map<std::string, Token>> tokens_;  ///< by registry
};

}  // namespace flotilla
