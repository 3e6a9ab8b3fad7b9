#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "image/reference.hpp"

namespace flotilla {

/// How images are fetched: the keys `images.*` and `docker_auth` of the configuration.
struct RegistryOptions {
    std::vector<std::string> insecure_registries;  ///< spoken to over plain HTTP; loopback always is
    std::vector<std::pair<std::string, std::string>> mirrors;  ///< registry to base URL asked first
    std::filesystem::path auth_file;                           ///< docker's config.json; may not exist
};

/// The registry answered that it does not exist, or that it may not be read, or it is no image that can be
/// used here: another try would end alike.
struct PullDenied {
    std::string reason;
    bool is_forbidden = false;  ///< it may be there for others, whom the registry lets read it
};
/// It could not be had now: another try may help.
struct PullFailed {
    std::string reason;
};

using PullFailure = std::variant<PullDenied, PullFailed>;

/// An address at which a registry's images can be had: the registry itself or a mirror.
struct RegistryEndpoint {
    std::string address;      ///< `docker.io`, `127.0.0.1:5000/mirror`
    bool plain_http = false;  ///< TLS is tried first, unverified (skopeo's --tls-verify=false)
    bool operator==(const RegistryEndpoint&) const = default;
};

/// Where `registry` is asked, in this order: its mirrors, then itself.
[[nodiscard]] std::vector<RegistryEndpoint> endpoints_of(const std::string& registry,
                                                         const RegistryOptions& options);

/// The name without its registry, `team/app:1`: by tag or digest, as registries are asked by one of them.
[[nodiscard]] std::string name_in_registry(const ImageReference& image);

/// What a registry holds under a name: a manifest or an index.
struct RemoteManifest {
    std::string content;        ///< see is_manifest
    RegistryEndpoint endpoint;  ///< who answered
};

using ManifestAnswer = std::variant<RemoteManifest, PullFailure>;

/// Who says what images there are. Safe to call from any thread.
class ManifestSource {
public:
    ManifestSource() = default;
    ManifestSource(const ManifestSource&) = delete;
    ManifestSource& operator=(const ManifestSource&) = delete;
    virtual ~ManifestSource() = default;
    /// Answers within `timeout`, and soon once `stop` is requested.
    [[nodiscard]] virtual ManifestAnswer manifest(const ImageReference& image,
                                                  std::chrono::milliseconds timeout,
                                                  const std::stop_token& stop) = 0;
};

/// Asks registries, through skopeo(1). Safe to call from any thread.
class Registry final : public ManifestSource {
public:
    explicit Registry(RegistryOptions options) : options_(std::move(options)) {}

    /// Asks the mirrors, then the registry.
    [[nodiscard]] ManifestAnswer manifest(const ImageReference& image, std::chrono::milliseconds timeout,
                                          const std::stop_token& stop) override;

    /// The same, from one endpoint only.
    [[nodiscard]] ManifestAnswer manifest_at(const RegistryEndpoint& endpoint, const ImageReference& image,
                                             std::chrono::milliseconds timeout,
                                             const std::stop_token& stop = {}) const;

    /// Fetches an image into the OCI layout `layout`; blobs that are there already are not fetched. Nothing
    /// on success.
    [[nodiscard]] std::optional<PullFailure> fetch(const RegistryEndpoint& endpoint,
                                                   const ImageReference& image,
                                                   const std::filesystem::path& layout,
                                                   std::chrono::milliseconds timeout,
                                                   const std::stop_token& stop = {}) const;

private:
    [[nodiscard]] std::vector<std::string> skopeo(const std::string& command,
                                                  const RegistryEndpoint& endpoint,
                                                  const std::string& tls_option) const;

    RegistryOptions options_;
};

/// What a failed skopeo said about `image` at `address`, as one sentence, and whether another try may help.
[[nodiscard]] PullFailure explain_skopeo_failure(const std::string& errors, const std::string& address,
                                                 const ImageReference& image);

/// Why a skopeo that writes its log (`--debug`) was not done in time.
[[nodiscard]] PullFailure explain_skopeo_timeout(const std::string& errors, const std::string& address,
                                                 std::chrono::milliseconds timeout);

/// The reason of either.
[[nodiscard]] const std::string& reason_of(const PullFailure& failure);

}  // namespace flotilla
