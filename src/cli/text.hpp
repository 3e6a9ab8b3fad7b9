#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace flotilla {

/// A duration for people, in its two largest units: `40ms`, `1.5s`, `12s`, `3m05s`, `2h10m`, `4d03h`.
[[nodiscard]] std::string short_duration(std::chrono::microseconds duration);

/// How long ago a moment was: `now`, `12s ago`, `3m ago`, `2h ago`, `4d ago`.
[[nodiscard]] std::string age_text(TimePoint moment, TimePoint now);

/// A number of bytes: `812 B`, `15.2 MB`, `3.1 GB` (powers of 1000).
[[nodiscard]] std::string size_text(std::int64_t bytes);

/// The text on one line that cannot steer a terminal: lines are joined by `; `, other control characters
/// become `?`.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace flotilla
