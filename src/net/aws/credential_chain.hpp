#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/guarded.hpp"
#include "net/aws/credentials.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// Looks for credentials where AWS's own programs do, in their order: the environment, the shared files, a
/// web identity token, the endpoint of containers, the metadata of the EC2 instance (version 2). What expires
/// is asked for again before it does. See
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
class AwsCredentialChain final : public AwsCredentialSource {
public:
    struct Options {
        std::map<std::string, std::string> environment;
        std::filesystem::path home;
        std::string region;
    };
    /// `http` and `clock` outlive this object.
    AwsCredentialChain(HttpClient& http, Clock& clock, Options options)
        : http_(http), clock_(clock), options_(std::move(options)) {}

    [[nodiscard]] AwsCredentials get() override;
    void refused(const AwsCredentials& credentials) override;

private:
    [[nodiscard]] std::string variable(const std::string& name) const;
    [[nodiscard]] AwsCredentials find();
    [[nodiscard]] std::optional<AwsCredentials> from_environment() const;
    [[nodiscard]] std::optional<AwsCredentials> from_files() const;
    [[nodiscard]] std::optional<AwsCredentials> from_web_identity();
    [[nodiscard]] std::optional<AwsCredentials> from_container();
    [[nodiscard]] std::optional<AwsCredentials> from_instance();
    [[nodiscard]] HttpResponse ask(HttpRequest request, const std::string& whom);

    HttpClient& http_;
    Clock& clock_;
    Options options_;
    Guarded<std::optional<AwsCredentials>> known_;
};

}  // namespace flotilla
