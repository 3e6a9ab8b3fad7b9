#pragma once

#include <string>

namespace flotilla {

/// The sentence, with the line that a log ends with as its evidence; that line may be empty.
[[nodiscard]] inline std::string with_last_log_line(const std::string& sentence, const std::string& line) {
    return line.empty() ? sentence : sentence + "; the last line of its log: " + line;
}

}  // namespace flotilla
