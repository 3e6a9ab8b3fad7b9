#include "base/low_priority.hpp"

#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace flotilla {

/// On Linux both are of a thread: setpriority(2) under "C library/kernel differences", ioprio_set(2).
void lower_priority_of_this_thread() {
    constexpr int least_nice = 19;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), least_nice);
    ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

}  // namespace flotilla
