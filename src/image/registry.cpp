#include "image/registry.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "base/subprocess.hpp"
#include "image/manifest.hpp"

namespace flotilla {

namespace {

/// As Docker does, registries on this machine are asked without TLS, too:
/// https://docs.docker.com/reference/cli/dockerd/#insecure-registries
bool is_loopback(const std::string& registry) {
    const std::string host = registry.starts_with('[') ? registry.substr(0, registry.find(']') + 1)
                                                       : registry.substr(0, registry.find(':'));
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

RegistryEndpoint mirror_endpoint(std::string_view url) {
    RegistryEndpoint endpoint;
    endpoint.plain_http = url.starts_with("http://");
    if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
        url.remove_prefix(scheme + 3);
    }
    while (url.ends_with('/')) {
        url.remove_suffix(1);
    }
    endpoint.address = url;
    return endpoint;
}

std::string skopeo_name(const RegistryEndpoint& endpoint, const ImageReference& image) {
    return fmt::format("docker://{}/{}", endpoint.address, name_in_registry(image));
}

/// An administrator's rules about signatures count; without any, skopeo would refuse all images.
bool has_signature_policy() {
    const char* home = std::getenv("HOME");
    return ::access("/etc/containers/policy.json", R_OK) == 0 ||
           (home != nullptr &&
            ::access(fmt::format("{}/.config/containers/policy.json", home).c_str(), R_OK) == 0);
}

/// What skopeo wrote.
std::variant<std::string, PullFailure> run_skopeo(const std::vector<std::string>& arguments,
                                                  const RegistryEndpoint& endpoint,
                                                  const ImageReference& image,
                                                  std::chrono::milliseconds timeout,
                                                  const std::stop_token& stop) {
    try {
        SubprocessResult result = run_subprocess(arguments, timeout, stop);
        if (stop.stop_requested()) {
            return PullFailed{fmt::format("stopped while asking registry {}", endpoint.address)};
        }
        if (result.timed_out) {
            return explain_skopeo_timeout(result.errors, endpoint.address, timeout);
        }
        if (result.exit_code != 0) {
            return explain_skopeo_failure(result.errors, endpoint.address, image);
        }
        return std::move(result.output);
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::no_such_file_or_directory) {
            return PullFailed{
                "images are fetched with skopeo, which is not installed: apt-get install skopeo"};
        }
        return PullFailed{error.what()};
    }
}

}  // namespace

std::string name_in_registry(const ImageReference& image) {
    return fmt::format("{}{}{}", image.repository, image.digest.empty() ? ":" : "@",
                       image.digest.empty() ? image.tag : image.digest);
}

std::vector<RegistryEndpoint> endpoints_of(const std::string& registry, const RegistryOptions& options) {
    std::vector<RegistryEndpoint> endpoints;
    for (const auto& [mirrored, url] : options.mirrors) {
        if (mirrored == registry) {
            endpoints.push_back(mirror_endpoint(url));
        }
    }
    const bool insecure = std::find(options.insecure_registries.begin(), options.insecure_registries.end(),
                                    registry) != options.insecure_registries.end();
    endpoints.push_back({registry, insecure || is_loopback(registry)});
    return endpoints;
}

ManifestAnswer Registry::manifest(const ImageReference& image, std::chrono::milliseconds timeout,
                                  const std::stop_token& stop) {
    const auto endpoints = endpoints_of(image.registry, options_);
    std::string mirror_reasons;
    for (auto mirror = endpoints.begin(); mirror + 1 != endpoints.end(); ++mirror) {
        // A mirror that does not answer leaves half of the time to those after it.
        const auto begin = std::chrono::steady_clock::now();
        auto answer = manifest_at(*mirror, image, timeout / 2, stop);
        if (std::holds_alternative<RemoteManifest>(answer)) {
            return answer;
        }
        mirror_reasons += "; its mirror: " + reason_of(std::get<PullFailure>(answer));
        timeout -= std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    }
    auto answer = manifest_at(endpoints.back(), image, timeout, stop);
    if (auto* failure = std::get_if<PullFailure>(&answer)) {
        std::visit([&](auto& either) { either.reason += mirror_reasons; }, *failure);
    }
    return answer;
}

ManifestAnswer Registry::manifest_at(const RegistryEndpoint& endpoint, const ImageReference& image,
                                     std::chrono::milliseconds timeout, const std::stop_token& stop) const {
    auto arguments = skopeo("inspect", endpoint, "--tls-verify=false");
    // What it waits for shows in its log alone: see explain_skopeo_timeout.
    arguments.insert(arguments.begin() + 1, "--debug");
    arguments.insert(arguments.end(), {"--raw", skopeo_name(endpoint, image)});
    auto answer = run_skopeo(arguments, endpoint, image, timeout, stop);
    if (auto* content = std::get_if<std::string>(&answer)) {
        if (is_manifest(*content)) {
            return RemoteManifest{std::move(*content), endpoint};
        }
        return PullFailed{fmt::format(
            "registry {} gave no image manifest for {} but {}: is a proxy or a login page in between?",
            endpoint.address, name_in_registry(image),
            content->empty() ? "an empty answer" : "something else")};
    }
    return std::get<PullFailure>(std::move(answer));
}

std::optional<PullFailure> Registry::fetch(const RegistryEndpoint& endpoint, const ImageReference& image,
                                           const std::filesystem::path& layout,
                                           std::chrono::milliseconds timeout,
                                           const std::stop_token& stop) const {
    auto arguments = skopeo("copy", endpoint, "--src-tls-verify=false");
    // Big downloads are kept beside their destination, not in /var/tmp.
    arguments.insert(arguments.begin() + 1, {"--tmpdir", layout.parent_path().string()});
    arguments.insert(arguments.end(),
                     {"--quiet", "--dest-oci-accept-uncompressed-layers", skopeo_name(endpoint, image),
                      fmt::format("oci:{}:image", layout.string())});
    auto answer = run_skopeo(arguments, endpoint, image, timeout, stop);
    if (auto* failure = std::get_if<PullFailure>(&answer)) {
        return std::move(*failure);
    }
    return std::nullopt;
}

std::vector<std::string> Registry::skopeo(const std::string& command, const RegistryEndpoint& endpoint,
                                          const std::string& tls_option) const {
    std::vector<std::string> arguments{"skopeo"};
    if (!has_signature_policy()) {
        arguments.emplace_back("--insecure-policy");
    }
    arguments.push_back(command);
    if (endpoint.plain_http) {
        arguments.push_back(tls_option);
    }
    if (!options_.auth_file.empty() && ::access(options_.auth_file.c_str(), F_OK) == 0) {
        arguments.insert(arguments.end(), {"--authfile", options_.auth_file.string()});
    }
    return arguments;
}

}  // namespace flotilla
