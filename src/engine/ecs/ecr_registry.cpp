#include "engine/ecs/ecr_registry.hpp"

#include <regex>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "image/manifest.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

constexpr const char* manifest_types =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

std::string url_of(const std::string& registry, const ImageReference& image) {
    return fmt::format("{}/v2/{}/manifests/{}", registry, image.repository,
                       image.digest.empty() ? image.tag : image.digest);
}

ManifestAnswer answer_in(HttpResponse response, const ImageReference& image) {
    const std::string name = name_in_registry(image);
    if (response.status == 200 && is_manifest(response.body)) {
        return RemoteManifest{std::move(response.body), {image.registry}};
    }
    if (response.status == 404) {
        return PullDenied{fmt::format("registry {} has no image {}", image.registry, name)};
    }
    if (response.status == 401 || response.status == 403) {
        return PullDenied{
            fmt::format("registry {} does not give {} to the server's AWS credentials: allow them "
                        "ecr:BatchGetImage",
                        image.registry, name),
            true};
    }
    return PullFailed{
        fmt::format("registry {} answered {} when asked for {}", image.registry, response.status, name)};
}

}  // namespace

/// As Amazon's own credential helper tells them:
/// https://github.com/awslabs/amazon-ecr-credential-helper/blob/main/ecr-login/api/client.go
std::optional<EcrAccount> ecr_account(const std::string& registry) {
    static const std::regex pattern(
        R"(([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.(?:com(?:\.cn)?|eu))"
        R"(|on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov|csp\.hci\.ic\.gov)"
        R"(|cloud\.adc-e\.uk))");
    std::smatch parts;
    return std::regex_match(registry, parts, pattern) ? std::optional(EcrAccount{parts[1], parts[2]})
                                                      : std::nullopt;
}

ManifestAnswer EcrRegistry::manifest(const ImageReference& image, std::chrono::milliseconds timeout,
                                     const std::stop_token& stop) {
    const auto begin = std::chrono::steady_clock::now();
    try {
        const auto token = token_for(image.registry, {.patience = timeout, .timeout = timeout, .stop = stop});
        if (!token) {
            return PullDenied{"the server may not ask ECR for a token", true};
        }
        HttpRequest request{.url = url_of(token->url, image)};
        request.headers = {{"Authorization", "Basic " + token->authorization}, {"Accept", manifest_types}};
        request.stop = stop;
        request.timeout = timeout - std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::steady_clock::now() - begin);
        HttpResponse response = http_.send(request);
        if (response.status == 401) {
            tokens_.lock()->erase(image.registry);
        }
        return answer_in(std::move(response), image);
    } catch (const Error& error) {
        return PullFailed{error.what()};
    }
}

std::optional<EcrRegistry::Token> EcrRegistry::token_for(const std::string& registry,
                                                         const AwsClient::Limits& limits) {
    constexpr std::chrono::minutes ahead_of_expiry{5};
    {
        auto tokens = tokens_.lock();
        const auto known = tokens->find(registry);
        if (known != tokens->end() && clock_.now() < known->second.expires_at - ahead_of_expiry) {
            return known->second;
        }
    }
    auto token = optional_.attempt("the check that images of ECR exist",
                                   [&] { return ask_token(ecr_account(registry).value(), limits); });
    if (token) {
        tokens_.lock()->insert_or_assign(registry, *token);
    }
    return token;
}

/// See https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
EcrRegistry::Token EcrRegistry::ask_token(const EcrAccount& account, const AwsClient::Limits& limits) {
    AwsService service = ecr_service;
    service.region = account.region;
    json::object input;
    input["registryIds"] = json::array{json::value(account.account)};  // else the URL is of our own account
    const json::object answer = aws_.call(service, "GetAuthorizationToken", input, limits);
    const auto& all = aws::list(answer, "authorizationData");
    const json::object data = all.empty() ? json::object{} : aws::object(all.front());
    Token token{aws::text(data, "authorizationToken"), aws::text(data, "proxyEndpoint"),
                aws::time(data, "expiresAt").value_or(clock_.now())};
    if (token.authorization.empty() || token.url.empty()) {
        throw unavailable("ECR gave no token for the registry of account {} in {}", account.account,
                          account.region);
    }
    return token;
}

}  // namespace flotilla
