#pragma once

#include <vector>

#include "core/run_limits.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// The columns `timeout_seconds`, `queue_timeout_seconds` and `retry` (JSON as the API has it), which stand
/// next to each other.
void append_limits(std::vector<SqlValue>& values, const RunLimits& limits);
[[nodiscard]] RunLimits limits_from(const SqlRow& row, int first);

}  // namespace flotilla
