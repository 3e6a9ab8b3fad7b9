#pragma once

#include <chrono>

namespace flotilla {

/// A moment, UTC, in microseconds: what the databases and the API keep.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

/// Where the control plane reads the time, so that tests can set it.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual TimePoint now() = 0;
};

class SystemClock final : public Clock {
public:
    TimePoint now() override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

}  // namespace flotilla
