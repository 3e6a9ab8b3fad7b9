#pragma once

#include <string_view>

namespace flotilla {

/// Whether a text can be the name of an environment variable to every shell: ASCII letters, digits and `_`,
/// no digit first (POSIX.1-2017, XBD 3.235).
[[nodiscard]] bool is_variable_name(std::string_view text);

}  // namespace flotilla
