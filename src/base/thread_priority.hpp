#pragma once

namespace flotilla {

enum class ThreadPriority {
    usual,
    low,  ///< it works when nobody else wants the processor
};

/// For the thread that calls it. What it reads and writes has the usual priority always: other threads may
/// wait for the same journal of the file system. Only root gets from low to usual.
void set_priority_of_this_thread(ThreadPriority priority);

}  // namespace flotilla
