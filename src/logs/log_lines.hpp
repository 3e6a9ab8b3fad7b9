#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logs/log_reader.hpp"

namespace flotilla {

/// Lines of a log by their numbers, which begin with 1.
struct LineRange {
    std::int64_t first = 1;
    std::vector<std::string> lines;  ///< valid UTF-8, without their ends
    std::int64_t total = 0;          ///< how many lines the log has
    std::int64_t length = 0;         ///< how many bytes they all are: where the next line begins
    std::string unfinished{};        ///< what a line that has no end yet shows now, as `unfinished_line` says
};

/// Longer lines are shown by their beginning and their end, with ` … ` between: what overwrites itself with
/// carriage returns, as progress bars do, is one line, of which the end counts.
constexpr std::size_t most_of_a_line = std::size_t{16} * 1024;

/// Reads at most `count` lines of an open log from line `first` on; without it the last ones. Fewer come
/// where the log ends, and where they would be more than 4 MiB. A line without an end is none of them unless
/// `is_complete`: it is still being written. Throws what reading the log throws.
[[nodiscard]] LineRange read_lines(LogBytes& log, bool is_complete, std::optional<std::int64_t> first,
                                   std::int64_t count);

/// Where a text was found.
struct LineMatches {
    std::vector<std::int64_t> lines;  ///< numbers of lines, rising, at most `most_matches` of them
    std::int64_t total = 0;           ///< how many lines have it
};

constexpr std::size_t most_matches = 10'000;

/// What is looked for in a log.
struct LineQuery {
    std::string_view text;      ///< not empty, without a newline
    bool ignores_case = false;  ///< that of ASCII letters
    std::int64_t offset = 0;    ///< how many of the lines that have it are counted, and not named
};

/// Finds the lines of an open log that show a text, as `shown_text` says. Throws what reading the log throws.
[[nodiscard]] LineMatches find_lines(LogBytes& log, bool is_complete, const LineQuery& query);

}  // namespace flotilla
