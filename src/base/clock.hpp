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
    /// The time since a fixed moment in the past, which goes on evenly whatever `now` is set to: how long
    /// something in this process takes or waits is told by it. Other processes have another moment.
    [[nodiscard]] virtual std::chrono::microseconds elapsed() = 0;
    /// Whether other servers read the same clock.
    [[nodiscard]] virtual bool is_shared() const { return false; }
    /// What this clock showed when this host's own showed `time`.
    [[nodiscard]] virtual TimePoint from_host(TimePoint time) { return time; }
};

class SystemClock final : public Clock {
public:
    TimePoint now() override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    std::chrono::microseconds elapsed() override {
        return std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
};

}  // namespace flotilla
