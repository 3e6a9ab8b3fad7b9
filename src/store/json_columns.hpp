#pragma once

#include <string>
#include <vector>

#include "core/env.hpp"

namespace flotilla {

/// Lists as the database keeps them: JSON text.
[[nodiscard]] std::string env_column(const Env& env);
[[nodiscard]] Env env_from_column(const std::string& column);
[[nodiscard]] std::string ports_column(const std::vector<int>& ports);
[[nodiscard]] std::vector<int> ports_from_column(const std::string& column);

}  // namespace flotilla
