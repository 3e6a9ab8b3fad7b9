#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/run.hpp"

namespace flotilla {

/// Something that happened to a run.
struct RunEvent {
    enum class Kind {
        queued,          ///< accepted, or queued again for another attempt
        submitted,       ///< its engine took it
        started,         ///< its process started
        stop_requested,  ///< somebody wants it to end
        timed_out,       ///< its process ran longer than it may, and is ended
        ended,           ///< the attempt ended; another one may follow
    };
    TimePoint at;
    int attempt = 1;
    Kind kind = Kind::queued;
    std::string message;  ///< one sentence
};

/// `queued`, `submitted`, `started`, `stop_requested`, `timed_out`, `ended`.
[[nodiscard]] std::string_view to_string(RunEvent::Kind kind);

/// What happened to the run, attempt by attempt, each in the order above: what its record says, told as
/// events. Pure.
[[nodiscard]] std::vector<RunEvent> history_of(const Run& run);

}  // namespace flotilla
