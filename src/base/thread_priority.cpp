#include "base/thread_priority.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace flotilla {

/// On Linux niceness is a thread's own: setpriority(2), "C library/kernel differences".
void set_priority_of_this_thread(ThreadPriority priority) {
    constexpr int nicest = 19;
    const int niceness = priority == ThreadPriority::low ? nicest : 0;
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
}

}  // namespace flotilla
