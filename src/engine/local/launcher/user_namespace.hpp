#pragma once

#include <string>
#include <variant>

#include <sys/types.h>

namespace flotilla::launcher {

/// The ids 0 to `job_ids` - 1 of a container are those from `first_job_id` on for the host, which has no use
/// for them: root in a container is nobody outside.
inline constexpr id_t first_job_id = 100'000;
inline constexpr id_t job_ids = 65'536;

/// What the host calls the id of a container's user or group.
[[nodiscard]] constexpr id_t host_id(id_t id) {
    return first_job_id + id;
}

/// Makes the user namespace that all jobs live in: no other can be made below it. It lasts as long as its
/// descriptor, or a job, is there. The string is a sentence that says what failed.
[[nodiscard]] std::variant<int, std::string> make_user_namespace();

}  // namespace flotilla::launcher
