#pragma once

#include <chrono>

#include "base/clock.hpp"

namespace flotilla {

/// Notices that the clock was set: `now` and `elapsed` no longer tell of the same time passed. A clock that
/// is corrected slowly is not set; a machine that slept has its clock set forward.
class ClockWatch {
public:
    explicit ClockWatch(Clock& clock);

    /// By how much it was set since this object was made or last followed, forward if positive; 0 if that is
    /// less than a second.
    [[nodiscard]] std::chrono::microseconds step();
    /// That step is taken into account.
    void follow(std::chrono::microseconds step) { difference_ += step; }

private:
    [[nodiscard]] std::chrono::microseconds difference();

    Clock& clock_;
    std::chrono::microseconds difference_;
};

}  // namespace flotilla
