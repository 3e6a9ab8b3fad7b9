#pragma once

#include <string>

namespace flotilla {

/// docs/configuration.md, written from the declarations.
[[nodiscard]] std::string configuration_markdown();

/// conf/config.yml, written from the declarations: every key with its default.
[[nodiscard]] std::string default_config_yaml();

}  // namespace flotilla
