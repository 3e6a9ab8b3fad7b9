#pragma once

#include <cstdint>
#include <optional>

#include "core/retry.hpp"

namespace flotilla {

/// How long a run may take, and how often it is tried.
struct RunLimits {
    std::optional<std::int64_t> timeout_seconds{};  ///< an attempt's process may run; none: for ever
    std::optional<std::int64_t>
        queue_timeout_seconds{};  ///< an attempt may wait for its turn; none: for ever
    std::optional<RetryPolicy> retry{};
};

}  // namespace flotilla
