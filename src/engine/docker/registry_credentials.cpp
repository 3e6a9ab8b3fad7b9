#include "engine/docker/registry_credentials.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/subprocess.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

const unsigned char* bytes_of(const std::string& text) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes are unsigned
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// RFC 4648, 5: the alphabet for URLs.
std::string base64_url(const std::string& text) {
    std::vector<unsigned char> encoded((text.size() + 2) / 3 * 4 + 1);
    const int size = ::EVP_EncodeBlock(encoded.data(), bytes_of(text), static_cast<int>(text.size()));
    std::string result(encoded.begin(), encoded.begin() + size);
    std::replace(result.begin(), result.end(), '+', '-');
    std::replace(result.begin(), result.end(), '/', '_');
    return result;
}

std::string from_base64(const std::string& text) {
    std::vector<unsigned char> decoded(text.size() / 4 * 3 + 1);
    const int size = ::EVP_DecodeBlock(decoded.data(), bytes_of(text), static_cast<int>(text.size()));
    if (size < 0) {
        throw invalid("it has an auth that is not base64");
    }
    std::string result(decoded.begin(), decoded.begin() + size);
    return result.substr(0, result.find('\0'));  // what padding stands for
}

/// As docker writes the registry's name in its configuration.
const json::object* find_entry(const json::object& auths, const std::string& registry) {
    std::vector<std::string> names{registry, "https://" + registry, "https://" + registry + "/v1/",
                                   "https://" + registry + "/v2/"};
    if (registry == "docker.io") {
        names.insert(names.begin(), "https://index.docker.io/v1/");
    }
    for (const std::string& name : names) {
        const json::value* const entry = auths.if_contains(name);
        if (entry != nullptr && entry->is_object()) {
            return &entry->get_object();
        }
    }
    return nullptr;
}

std::string member(const json::object& object, const char* name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : "";
}

std::string header_of(json::object credentials, const std::string& registry) {
    credentials["serveraddress"] = registry;
    return base64_url(json::serialize(credentials));
}

/// The program that keeps the credentials of this registry, without `docker-credential-`; empty if none does.
std::string helper_of(const json::object& config, const std::string& registry) {
    const json::value* const helpers = config.if_contains("credHelpers");
    const std::string own =
        helpers != nullptr && helpers->is_object() ? member(helpers->get_object(), registry.c_str()) : "";
    return own.empty() ? member(config, "credsStore") : own;
}

/// What a helper knows; empty if nothing. See https://github.com/docker/docker-credential-helpers
std::string ask_helper(const std::string& helper, const std::string& registry) {
    constexpr std::chrono::seconds patience{10};
    const std::string server = registry == "docker.io" ? "https://index.docker.io/v1/" : registry;
    const auto result = run_subprocess(
        {"sh", "-c", R"(printf %s "$2" | "docker-credential-$1" get)", "sh", helper, server}, patience);
    if (result.exit_code != 0 || result.timed_out) {
        return "";
    }
    const json::object told = json::parse(result.output).as_object();
    const std::string user = member(told, "Username");
    const std::string secret = member(told, "Secret");
    json::object credentials;
    if (user == "<token>") {
        credentials["identitytoken"] = secret;
    } else {
        credentials["username"] = user;
        credentials["password"] = secret;
    }
    return header_of(std::move(credentials), registry);
}

std::string authorization_in(const json::object& entry, const std::string& registry) {
    json::object told;
    if (const std::string token = member(entry, "identitytoken"); !token.empty()) {
        told["identitytoken"] = token;
    } else {
        std::string user = member(entry, "username");
        std::string password = member(entry, "password");
        if (const std::string both = member(entry, "auth"); !both.empty()) {
            const std::string decoded = from_base64(both);
            const auto colon = decoded.find(':');
            user = decoded.substr(0, colon);
            password = colon == std::string::npos ? "" : decoded.substr(colon + 1);
        }
        if (user.empty()) {
            return "";
        }
        told["username"] = user;
        told["password"] = password;
    }
    return header_of(std::move(told), registry);
}

}  // namespace

std::string registry_authorization(const std::filesystem::path& config_file, const std::string& registry) {
    const auto text = config_file.empty() ? std::nullopt : read_file(config_file);
    if (!text) {
        return "";
    }
    try {
        const json::object config = json::parse(*text).as_object();
        if (const std::string helper = helper_of(config, registry); !helper.empty()) {
            if (std::string known = ask_helper(helper, registry); !known.empty()) {
                return known;
            }
        }
        const json::value* const auths = config.if_contains("auths");
        const json::object* const entry =
            auths != nullptr && auths->is_object() ? find_entry(auths->get_object(), registry) : nullptr;
        return entry != nullptr ? authorization_in(*entry, registry) : "";
    } catch (const std::exception& error) {
        throw invalid("{} cannot be understood: {}", config_file.string(), error.what());
    }
}

}  // namespace flotilla
