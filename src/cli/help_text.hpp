#pragma once

#include <string_view>

namespace flotilla {

/// The text of `src/cli/<name>.md`, which the binary carries; empty if there is none.
[[nodiscard]] std::string_view help_text(std::string_view name);

}  // namespace flotilla
