#pragma once

#include <map>
#include <optional>
#include <string>

#include "net/aws/credentials.hpp"

namespace flotilla {

/// What stands in the sections of an INI file, as AWS writes its `credentials` and `config`: section to names
/// to values. Of what is no such line nothing is taken.
using AwsProfiles = std::map<std::string, std::map<std::string, std::string>>;

[[nodiscard]] AwsProfiles parse_aws_profiles(const std::string& text);

/// The keys of a profile: the shared credentials file counts before the config file, where a section is
/// called `profile NAME`. Nothing if neither has them. See
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
[[nodiscard]] std::optional<AwsCredentials> credentials_of_profile(const std::string& profile,
                                                                   const AwsProfiles& credentials_file,
                                                                   const AwsProfiles& config_file);

}  // namespace flotilla
