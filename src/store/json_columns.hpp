#pragma once

#include <string>
#include <vector>

#include "core/env.hpp"
#include "core/labels.hpp"

namespace flotilla {

/// Lists and labels as the database keeps them: JSON text.
[[nodiscard]] std::string env_column(const Env& env);
[[nodiscard]] Env env_from_column(const std::string& column);
[[nodiscard]] std::string ports_column(const std::vector<int>& ports);
[[nodiscard]] std::vector<int> ports_from_column(const std::string& column);
[[nodiscard]] std::string texts_column(const std::vector<std::string>& texts);
[[nodiscard]] std::vector<std::string> texts_from_column(const std::string& column);
[[nodiscard]] std::string labels_column(const Labels& labels);
[[nodiscard]] Labels labels_from_column(const std::string& column);

}  // namespace flotilla
