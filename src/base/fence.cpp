#include "base/fence.hpp"

#include <time.h>

namespace flotilla {

std::chrono::microseconds Fence::now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds{time.tv_sec} +
           std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds{time.tv_nsec});
}

}  // namespace flotilla
