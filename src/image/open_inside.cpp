#include "image/open_inside.hpp"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace flotilla {

UniqueFd open_inside(int root, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<unsigned int>(flags) | static_cast<unsigned int>(O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    for (;;) {
        // The C library has no openat2. EAGAIN: something was renamed meanwhile.
        const long fd = ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how);
        if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) {
            return UniqueFd(static_cast<int>(fd));
        }
    }
}

UniqueFd open_folder(const std::string& path) {
    UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) {
        throw_errno(fmt::format("cannot open {}", path));
    }
    return folder;
}

}  // namespace flotilla
