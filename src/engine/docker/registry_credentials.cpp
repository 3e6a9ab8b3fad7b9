#include "engine/docker/registry_credentials.hpp"

#include <algorithm>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/error.hpp"
#include "base/file.hpp"

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
    told["serveraddress"] = registry;
    return base64_url(json::serialize(told));
}

}  // namespace

std::string registry_authorization(const std::filesystem::path& config_file, const std::string& registry) {
    const auto text = config_file.empty() ? std::nullopt : read_file(config_file);
    if (!text) {
        return "";
    }
    try {
        const json::object config = json::parse(*text).as_object();
        const json::value* const auths = config.if_contains("auths");
        const json::object* const entry =
            auths != nullptr && auths->is_object() ? find_entry(auths->get_object(), registry) : nullptr;
        return entry != nullptr ? authorization_in(*entry, registry) : "";
    } catch (const std::exception& error) {
        throw invalid("{} cannot be understood: {}", config_file.string(), error.what());
    }
}

}  // namespace flotilla
