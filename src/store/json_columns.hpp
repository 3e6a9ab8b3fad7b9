#pragma once

#include <string>
#include <vector>

#include "core/env.hpp"
#include "core/labels.hpp"
#include "core/run_limits.hpp"
#include "store/sql.hpp"

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
[[nodiscard]] std::string retry_column(const RetryPolicy& policy);
[[nodiscard]] RetryPolicy retry_from_column(const std::string& column);

/// The columns `timeout_seconds`, `queue_timeout_seconds` and `retry`, which stand next to each other.
void append_limits(std::vector<SqlValue>& values, const RunLimits& limits);
[[nodiscard]] RunLimits limits_from(const SqlRow& row, int first);

}  // namespace flotilla
