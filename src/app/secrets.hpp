#pragma once

#include "config/config.hpp"
#include "engine/configured_secrets.hpp"

namespace flotilla {

/// The secrets of a configuration that this host can give a value: all but those of another engine.
[[nodiscard]] ConfiguredSecrets configured_secrets(const Config& config);

}  // namespace flotilla
