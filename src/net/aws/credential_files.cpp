#include "net/aws/credential_files.hpp"

#include <sstream>

#include "base/trimmed.hpp"

namespace flotilla {

namespace {

std::optional<AwsCredentials> keys_in(const AwsProfiles& profiles, const std::string& section) {
    const auto found = profiles.find(section);
    if (found == profiles.end()) {
        return std::nullopt;
    }
    const auto value = [&](const std::string& name) {
        const auto entry = found->second.find(name);
        return entry == found->second.end() ? std::string() : entry->second;
    };
    AwsCredentials keys{value("aws_access_key_id"), value("aws_secret_access_key"),
                        value("aws_session_token")};
    return keys.access_key_id.empty() || keys.secret_access_key.empty() ? std::nullopt : std::optional(keys);
}

}  // namespace

AwsProfiles parse_aws_profiles(const std::string& text) {
    AwsProfiles profiles;
    std::string section;
    std::istringstream lines(text);
    for (std::string whole; std::getline(lines, whole);) {
        const bool is_nested = whole.starts_with(' ') || whole.starts_with('\t');
        const auto line = trimmed(whole);
        if (line.empty() || line.starts_with('#') || line.starts_with(';') || is_nested) {
            continue;
        }
        if (line.front() == '[' && line.back() == ']') {
            section = trimmed(line.substr(1, line.size() - 2));
        } else if (const auto equals = line.find('='); equals != std::string_view::npos) {
            profiles[section][std::string(trimmed(line.substr(0, equals)))] =
                trimmed(line.substr(equals + 1));
        }
    }
    return profiles;
}

std::optional<AwsCredentials> credentials_of_profile(const std::string& profile,
                                                     const AwsProfiles& credentials_file,
                                                     const AwsProfiles& config_file) {
    if (auto keys = keys_in(credentials_file, profile)) {
        return keys;
    }
    return keys_in(config_file, profile == "default" ? profile : "profile " + profile);
}

}  // namespace flotilla
