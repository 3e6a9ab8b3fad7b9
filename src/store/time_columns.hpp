#pragma once

#include <optional>

#include "base/clock.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Times as the database keeps them: microseconds since 1970, UTC; NULL is none.
[[nodiscard]] inline SqlValue time_value(std::optional<TimePoint> time) {
    return time ? SqlValue(static_cast<std::int64_t>(time->time_since_epoch().count())) : SqlValue(nullptr);
}

[[nodiscard]] inline TimePoint read_time(const SqlRow& row, int column) {
    return TimePoint(std::chrono::microseconds(row.integer(column)));
}

[[nodiscard]] inline std::optional<TimePoint> read_optional_time(const SqlRow& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(read_time(row, column));
}

}  // namespace flotilla
