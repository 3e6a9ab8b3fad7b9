#pragma once

#include <string>
#include <variant>

#include "config/value.hpp"

namespace flotilla::settings {

/// Why a text is not YAML that we can use.
struct YamlMistake {
    int line = 0;    ///< from 1; 0: unknown
    int column = 0;  ///< from 1
    std::string message;
};

/// Reads one YAML 1.2 document (JSON is one). An empty text is a value that holds nothing.
/// Documents that are nested without end or grow by aliases are refused.
[[nodiscard]] std::variant<Value, YamlMistake> parse_yaml(const std::string& text);

}  // namespace flotilla::settings
