#pragma once

#include <string>
#include <string_view>

#include "core/run.hpp"

namespace flotilla {

/// A part of a log.
struct LogPage {
    std::string text;       ///< whole lines joined by `\n`, valid UTF-8, at most 1 MiB
    std::string last_seen;  ///< opaque; passed back, it gives what came after
};

/// Reads what runs wrote. Safe to call from any thread.
class LogReader {
public:
    LogReader() = default;
    LogReader(const LogReader&) = delete;
    LogReader& operator=(const LogReader&) = delete;
    virtual ~LogReader() = default;

    /// The page after `last_seen` (empty: from the beginning) of the run's current attempt. At the end the
    /// same token comes back with an empty text. A line that is still being written is left for a later page
    /// while the attempt is alive. Throws `invalid` for a token that is none of its own.
    [[nodiscard]] virtual LogPage read(const Run& run, std::string_view last_seen) = 0;
};

}  // namespace flotilla
