#pragma once

#include <cstdint>
#include <string>

namespace flotilla {

/// The sentence, with the line that a log ends with as its evidence; that line may be empty.
[[nodiscard]] inline std::string with_last_log_line(const std::string& sentence, const std::string& line) {
    return line.empty() ? sentence : sentence + "; the last line of its log: " + line;
}

/// The sentence, with how many bytes of the log could not be written, if that are any.
[[nodiscard]] inline std::string with_log_lost(std::string sentence, std::int64_t lost) {
    if (lost > 0) {
        sentence += "; its log lacks " + std::to_string(lost) + " bytes that could not be written";
    }
    return sentence;
}

}  // namespace flotilla
