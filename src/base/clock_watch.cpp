#include "base/clock_watch.hpp"

namespace flotilla {

namespace {
constexpr std::chrono::microseconds smallest_step = std::chrono::seconds{1};
/// Longer than it takes to read both, unless this process had to pause in between.
constexpr std::chrono::microseconds longest_reading = std::chrono::milliseconds{100};
}  // namespace

ClockWatch::ClockWatch(Clock& clock) : clock_(clock), difference_(difference()) {}

std::chrono::microseconds ClockWatch::step() {
    const auto step = difference() - difference_;
    return std::chrono::abs(step) < smallest_step ? std::chrono::microseconds{0} : step;
}

std::chrono::microseconds ClockWatch::difference() {
    for (;;) {
        const auto before = clock_.elapsed();
        const auto now = clock_.now();
        if (clock_.elapsed() - before < longest_reading) {
            return now.time_since_epoch() - before;
        }
    }
}

}  // namespace flotilla
