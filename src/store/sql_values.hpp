#pragma once

#include <optional>

#include "base/clock.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Numbers and times as the database keeps them: a time in microseconds since 1970, what is absent as NULL.

template <typename Integer>
[[nodiscard]] SqlValue sql_value(const std::optional<Integer>& number) {
    return number ? SqlValue(static_cast<std::int64_t>(*number)) : SqlValue(nullptr);
}

[[nodiscard]] inline SqlValue sql_value(TimePoint time) {
    return static_cast<std::int64_t>(time.time_since_epoch().count());
}

[[nodiscard]] inline SqlValue sql_value(const std::optional<TimePoint>& time) {
    return time ? sql_value(*time) : SqlValue(nullptr);
}

[[nodiscard]] inline std::optional<std::int64_t> optional_integer(const SqlRow& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

[[nodiscard]] inline TimePoint time_from(const SqlRow& row, int column) {
    return TimePoint(std::chrono::microseconds(row.integer(column)));
}

[[nodiscard]] inline std::optional<TimePoint> optional_time(const SqlRow& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(time_from(row, column));
}

}  // namespace flotilla
