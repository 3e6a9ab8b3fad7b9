#pragma once

#include <filesystem>

#include "config/config.hpp"
#include "image/image_store.hpp"

namespace flotilla {

/// How a configuration wants registries to be spoken to.
[[nodiscard]] RegistryOptions registry_options(const Config& config);

/// The image store of a configuration.
[[nodiscard]] ImageStore open_image_store(const Config& config);

/// The image store that the configuration in `folder` names; without a configuration file, that of `DATA_DIR`
/// or of the default. Throws `invalid` if the configuration is wrong.
[[nodiscard]] ImageStore open_image_store(const std::filesystem::path& folder);

}  // namespace flotilla
