#pragma once

#include <algorithm>
#include <chrono>
#include <exception>
#include <stop_token>

#include "base/wake.hpp"

namespace flotilla {

/// Takes one `step` after the other until `stop`. Where one throws, `tell` is told of the exception and the
/// next begins after a pause, longer each time.
template <typename Step, typename Tell>
void keep_at(const std::stop_token& stop, Step step, Tell tell) {
    constexpr std::chrono::microseconds first_pause = std::chrono::milliseconds{500};
    constexpr std::chrono::microseconds longest_pause = std::chrono::seconds{30};
    Wake nobody;
    auto pause = first_pause;
    while (!stop.stop_requested()) {
        try {
            step();
            pause = first_pause;
        } catch (const std::exception& error) {
            if (!stop.stop_requested()) {
                tell(error);
                nobody.wait(stop, pause);
                pause = std::min(pause * 2, longest_pause);
            }
        }
    }
}

}  // namespace flotilla
