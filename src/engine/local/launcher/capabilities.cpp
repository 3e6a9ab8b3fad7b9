#include "engine/local/launcher/capabilities.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace flotilla::launcher {

bool keep_capabilities(std::uint64_t mask) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    for (int half = 0; half < 2; ++half) {
        data[half].effective = static_cast<std::uint32_t>(mask >> (32 * half));
        data[half].permitted = data[half].effective;
    }
    return ::syscall(SYS_capset, &header, data) == 0;
}

}  // namespace flotilla::launcher
