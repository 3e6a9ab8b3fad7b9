#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace flotilla {

/// How much an image may unpack to: a small archive can hold more than any disk.
struct UnpackLimits {
    std::int64_t bytes = std::numeric_limits<std::int64_t>::max();  ///< `images.max_size`
    std::int64_t files = 4'000'000;  ///< entries of its archives; an image with a million is large
};

/// What is left of the limits while an image is unpacked. Safe to call from any thread.
class UnpackBudget {
public:
    explicit UnpackBudget(const UnpackLimits& limits)
        : limits_(limits), bytes_(limits.bytes), files_(limits.files) {}

    /// False, and then always, if there are not so many left.
    [[nodiscard]] bool take_bytes(std::int64_t count) { return bytes_.fetch_sub(count) >= count; }
    [[nodiscard]] bool take_file() { return files_.fetch_sub(1) >= 1; }
    [[nodiscard]] const UnpackLimits& limits() const { return limits_; }

private:
    UnpackLimits limits_;
    std::atomic<std::int64_t> bytes_;
    std::atomic<std::int64_t> files_;
};

}  // namespace flotilla
