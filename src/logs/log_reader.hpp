#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/file.hpp"
#include "core/run.hpp"

namespace flotilla {

/// The log of one attempt: bytes to which its job only ever adds.
struct AttemptLog {
    RunId run;
    int attempt = 1;
    bool is_complete = false;  ///< nothing more will be written: a half line at its end is a line too
};

/// The log of that attempt of a run.
[[nodiscard]] inline AttemptLog log_of(const Run& run, int attempt) {
    return {run.id, attempt, attempt < run.attempt.number || run.attempt.phase == AttemptPhase::ended};
}

/// A part of a log.
struct LogPage {
    std::string text;         ///< lines joined by `\n`, valid UTF-8
    std::int64_t length = 0;  ///< how many bytes of the log it stands for; 0: there is nothing new
    bool is_cut = false;      ///< its last line is longer than a page and goes on with the next one
};

/// Reads what runs wrote. Safe to call from any thread. A log that does not exist yet is empty.
class LogReader {
public:
    LogReader() = default;
    LogReader(const LogReader&) = delete;
    LogReader& operator=(const LogReader&) = delete;
    virtual ~LogReader() = default;

    /// The page that begins at byte `offset`, its text at most `most` bytes long (at least 16). A line that
    /// is still being written is left for a later page.
    [[nodiscard]] virtual LogPage read(const AttemptLog& log, std::int64_t offset, std::size_t most) = 0;

    /// How many bytes were written so far. Quick enough to be asked often: no input or output.
    [[nodiscard]] virtual std::int64_t size(const AttemptLog& log) = 0;

    /// The log as a file to read; none if there is no log yet.
    [[nodiscard]] virtual UniqueFd open(const AttemptLog& log) = 0;
};

}  // namespace flotilla
