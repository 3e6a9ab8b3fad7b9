#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/file.hpp"

namespace flotilla {

// As system calls: <sys/pidfd.h> of glibc 2.36 declares them without C linkage.

/// Names a process for good, whatever becomes of its number; see pidfd_open(2). Empty if there is none.
[[nodiscard]] inline UniqueFd open_process(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// Nothing happens if it has ended.
inline void send_signal(const UniqueFd& process, int signal) {
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
}

}  // namespace flotilla
