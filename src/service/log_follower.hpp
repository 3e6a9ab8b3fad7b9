#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "logs/log_position.hpp"
#include "logs/log_reader.hpp"
#include "service/run_service.hpp"

namespace flotilla {

/// Lines that were written.
struct LogLines {
    std::string text;       ///< lines joined by `\n`, valid UTF-8
    std::string last_seen;  ///< what goes on after them
    bool is_cut = false;    ///< the last line is very long: what follows goes on with it
};

/// What the line shows now that has no end yet. It is told again once it has one: whoever goes on from the
/// news before it misses nothing.
struct UnfinishedLine {
    std::string text;  ///< as `unfinished_line` says
};

/// The log of another attempt begins.
struct AttemptBegan {
    int number = 1;
    std::string last_seen;  ///< its beginning
};

/// The run has stopped and all of its log was given.
struct LogEnded {
    RunStatus status = RunStatus::stopped;
    std::optional<int> exit_code;
};

/// Nothing now.
struct NothingNew {};

using LogNews = std::variant<LogLines, UnfinishedLine, AttemptBegan, LogEnded, NothingNew>;

/// Follows the log of a run from attempt to attempt until the run has stopped: no byte is left out or given
/// twice, but for those of unfinished lines. For one thread at a time.
class LogFollower {
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// `run` as it is now. What is passed by reference outlives this object.
    LogFollower(RunService& runs, LogReader& reader, Run run, LogPosition from);

    /// What comes next; after `LogEnded` nothing comes. Reads the log and now and then the run: may block.
    /// Throws `not_found` when the run is gone.
    [[nodiscard]] LogNews next(Moment now);
    /// Whether `next` may have something: the log has grown, or it is time to look at the run again. Does not
    /// block.
    [[nodiscard]] bool is_due(Moment now) const;

private:
    [[nodiscard]] std::optional<LogNews> read(Moment now);
    void look_soon(Moment now);
    void look(Moment now);

    RunService& runs_;
    LogReader& reader_;
    Run run_;  // as it was when it was looked at last
    LogPosition position_;
    std::string begun_;      // what shows of the pieces of a line that is told by them
    std::string shown_;      // the unfinished line as it was told last
    std::int64_t size_ = 0;  // of the log when it was read last
    Moment next_look_{};     // at the run; often after something came, then less and less
    std::chrono::milliseconds pause_;
};

}  // namespace flotilla
