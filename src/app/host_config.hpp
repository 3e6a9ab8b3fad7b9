#pragma once

#include <filesystem>

#include "config/config.hpp"

namespace flotilla {

/// The configuration in `folder`, for commands that act on what lies on this host; without a configuration
/// file, the defaults and the environment. Throws `invalid` with every mistake in it.
[[nodiscard]] Config load_host_config(const std::filesystem::path& folder);

}  // namespace flotilla
