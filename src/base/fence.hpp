#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace flotilla {

/// Until when this host may start jobs. Where several servers share a database, a host that was not heard of
/// is given up and its runs may be tried elsewhere: a server that was paused so long must not start them
/// then. Time is CLOCK_BOOTTIME, which goes on while the machine sleeps. Safe to use from any thread.
class Fence {
public:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    [[nodiscard]] static std::chrono::microseconds now();

    /// In microseconds; `never`: it always may.
    [[nodiscard]] std::int64_t closes_at() const { return closes_at_; }
    [[nodiscard]] bool is_open() const { return now().count() <= closes_at_; }
    void keep_open_until(std::chrono::microseconds moment) { closes_at_ = moment.count(); }
    void close() { closes_at_ = 0; }

private:
    std::atomic<std::int64_t> closes_at_ = never;
};

}  // namespace flotilla
