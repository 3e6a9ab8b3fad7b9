#pragma once

#include <string>
#include <string_view>

namespace flotilla {

/// The text that a job's shell runs: `set -x` (`set +x` if it is not to be traced), `set -e`, an empty line,
/// the command. What stands before it on the first line is not traced.
[[nodiscard]] inline std::string job_script(std::string_view command, bool is_traced) {
    return std::string(is_traced ? "set -x" : "set +x").append("\nset -e\n\n").append(command);
}

/// The kernel's MAX_ARG_STRLEN: one argument or variable, its end included, is not longer; see execve(2).
inline constexpr std::size_t longest_argument = 131072;

}  // namespace flotilla
