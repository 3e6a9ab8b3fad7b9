#include "net/aws/credential_files.hpp"

namespace flotilla {

namespace {

std::optional<AwsCredentials> keys_in(const IniSections& profiles, const std::string& section) {
    AwsCredentials keys{ini_value(profiles, section, "aws_access_key_id"),
                        ini_value(profiles, section, "aws_secret_access_key"),
                        ini_value(profiles, section, "aws_session_token")};
    return keys.access_key_id.empty() || keys.secret_access_key.empty() ? std::nullopt : std::optional(keys);
}

}  // namespace

std::optional<AwsCredentials> credentials_of_profile(const std::string& profile,
                                                     const IniSections& credentials_file,
                                                     const IniSections& config_file) {
    if (auto keys = keys_in(credentials_file, profile)) {
        return keys;
    }
    return keys_in(config_file, profile == "default" ? profile : "profile " + profile);
}

}  // namespace flotilla
