#pragma once

#include <string>

#include "core/readiness.hpp"

namespace flotilla {

[[nodiscard]] std::string health_json();

/// `{"status": "ready", "checks": ...}`, or `{"error": ..., "checks": ...}` that names what is not.
[[nodiscard]] std::string readiness_json(const Readiness& readiness);

}  // namespace flotilla
