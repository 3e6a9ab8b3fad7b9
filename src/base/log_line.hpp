#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace flotilla {

/// What one line of the log says.
struct LogEntry {
    TimePoint time;
    LogLevel level = LogLevel::info;
    std::string_view event;    ///< the name of what happened; empty: the line is a message
    std::string_view message;  ///< in words
    std::span<const LogField> fields;
};

/// The line, without the newline at its end. Never holds a newline or another control character.
///
/// Plain: `TIME LEVEL event=NAME FIELD=VALUE ...` or `TIME LEVEL FIELD=VALUE ... MESSAGE`, values in double
/// quotes where they hold anything but letters, digits and plain punctuation, and what would not be one line
/// escaped as JSON does. A message cannot pass for fields: a `=` in its first word is escaped.
/// JSON: an object with `time`, `level`, `event` or `message`, and the fields.
[[nodiscard]] std::string log_line(LogFormat format, const LogEntry& entry);

}  // namespace flotilla
