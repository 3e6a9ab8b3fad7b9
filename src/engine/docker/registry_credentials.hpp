#pragma once

#include <filesystem>
#include <string>

namespace flotilla {

/// The value of the header `X-Registry-Auth` that lets a daemon pull from `registry` with the credentials
/// that docker's configuration file has for it, or the helper that it names; empty if there are none. See
/// "Authentication" at https://docs.docker.com/reference/api/engine/version/v1.41/ Throws `invalid` if the
/// file cannot be understood.
[[nodiscard]] std::string registry_authorization(const std::filesystem::path& config_file,
                                                 const std::string& registry);

}  // namespace flotilla
