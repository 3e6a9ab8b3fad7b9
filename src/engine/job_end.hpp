#pragma once

#include <filesystem>
#include <string>

#include "core/lifecycle.hpp"

namespace flotilla {

/// What is known of a job that ended with an exit code.
struct JobEnd {
    TimePoint at;
    int code = 0;                   ///< 128 + signal number for signals
    bool is_stopped = false;        ///< it was asked to end before it did
    std::string killed_for_memory;  ///< who was, such as `2 of its processes were`; empty: nobody
    std::int64_t memory = 0;        ///< its limit in MiB
    std::int64_t peak_memory = 0;   ///< bytes; 0: not known
    std::string last_log_line;      ///< for a job that failed
};

/// 128 + 9: killed by SIGKILL.
inline constexpr int killed_code = 137;

/// Says how it ended, with one sentence for people.
[[nodiscard]] Ended how_it_ended(const JobEnd& end);

/// The last line of a log that is not empty, fit for a sentence: valid UTF-8 without control characters, at
/// most 300 bytes. Empty if there is none.
[[nodiscard]] std::string last_line(const std::filesystem::path& log);

}  // namespace flotilla
