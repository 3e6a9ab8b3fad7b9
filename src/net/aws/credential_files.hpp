#pragma once

#include <optional>
#include <string>

#include "base/ini_text.hpp"
#include "net/aws/credentials.hpp"

namespace flotilla {

/// The keys of a profile: the shared credentials file counts before the config file, where a section is
/// called `profile NAME`. Nothing if neither has them. See
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
[[nodiscard]] std::optional<AwsCredentials> credentials_of_profile(const std::string& profile,
                                                                   const IniSections& credentials_file,
                                                                   const IniSections& config_file);

}  // namespace flotilla
