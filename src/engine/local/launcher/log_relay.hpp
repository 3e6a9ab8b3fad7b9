#pragma once

#include <cstdint>
#include <string_view>

#include "engine/bounded_log.hpp"
#include "engine/log_rules.hpp"
#include "engine/mask.hpp"

namespace flotilla::launcher {

/// Carries what a job writes from its pipe to its log, which is bounded and masked. What the log does not
/// show is read all the same, so that the job never waits.
class LogRelay {
public:
    /// `pipe` is set not to block. The end of a log that is too long waits in `folder`.
    LogRelay(int pipe, int log, int folder, LogRules rules);

    /// Moves one piece; false if nothing is there now, or ever again.
    bool pump();
    /// Nothing comes any more: writes the end, and says in the log what is missing there, if there is room
    /// for that now.
    void finish();
    /// Bytes within the limit that could not be written, for want of room as a rule.
    [[nodiscard]] std::int64_t lost() const { return lost_in_all_; }
    /// Whether everybody who could write has closed the pipe.
    [[nodiscard]] bool at_end() const { return at_end_; }

private:
    void write(std::string_view bytes);
    void lose(std::string_view bytes);

    int pipe_;
    Mask mask_;
    BoundedLog log_;
    std::int64_t lost_ = 0;  ///< since the last notice of it in the log
    std::int64_t lost_in_all_ = 0;
    bool at_end_ = false;
};

}  // namespace flotilla::launcher
