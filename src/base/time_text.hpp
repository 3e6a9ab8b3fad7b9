#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace flotilla {

/// RFC 3339, UTC, `Z`, with as many fractional digits as are needed (none, or up to six without trailing
/// zeros).
[[nodiscard]] std::string to_rfc3339(TimePoint time);

/// Reads RFC 3339 (any offset) or `YYYY-MM-DD` (midnight, UTC). Nothing if it is neither.
[[nodiscard]] std::optional<TimePoint> parse_time(std::string_view text);

/// Reads a duration as Go writes them (`300ms`, `1m30s`, `1.5h`, `0`); see
/// https://pkg.go.dev/time#ParseDuration. Nothing if it is malformed or out of range.
[[nodiscard]] std::optional<std::chrono::microseconds> parse_duration(std::string_view text);

/// A duration as Go writes them: `30s`, `1m30s`, `300ms`.
[[nodiscard]] std::string duration_text(std::chrono::microseconds duration);

}  // namespace flotilla
