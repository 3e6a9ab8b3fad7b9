#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

namespace flotilla {

struct SubprocessResult {
    int exit_code = 0;   ///< 128 + signal number when killed by one
    std::string output;  ///< standard output
    std::string errors;  ///< standard error
    bool timed_out = false;
};

/// Runs a program found in PATH with `arguments` (the program's name first), standard input empty, and waits
/// for its end. After `timeout` it is killed and `timed_out` is set; it is killed, too, when `stop` is
/// requested. Throws std::system_error if it cannot be started.
[[nodiscard]] SubprocessResult run_subprocess(const std::vector<std::string>& arguments,
                                              std::chrono::milliseconds timeout,
                                              const std::stop_token& stop = {});

}  // namespace flotilla
