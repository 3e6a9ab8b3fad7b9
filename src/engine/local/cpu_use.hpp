#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace flotilla {

/// How fast a run has used processor time so far.
struct CpuUse {
    std::int64_t ticks = 0;  ///< when it was last looked at
    std::chrono::steady_clock::time_point at{};
    std::optional<std::int64_t> most{};  ///< 1/1000 of a core, between two looks
};

/// After another look. What was reaped meanwhile may make ticks go back a little: that counts as none.
[[nodiscard]] CpuUse after_look(const CpuUse& last, std::int64_t ticks, std::int64_t ticks_per_second,
                                std::chrono::steady_clock::time_point now);

}  // namespace flotilla
