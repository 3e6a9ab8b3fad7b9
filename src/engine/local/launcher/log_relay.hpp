#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/local/launcher/mask.hpp"

namespace flotilla::launcher {

/// What becomes of a job's output.
struct LogRules {
    std::int64_t limit = 0;           ///< bytes that are kept
    std::vector<std::string> masked;  ///< texts that are shown as `***`
};

/// Carries what a job writes from its pipe to its log, and keeps the log within its bound: the first `limit`
/// bytes, then one line that says so. What comes after is read and dropped, so that the job never waits.
class LogRelay {
public:
    /// `pipe` is set not to block.
    LogRelay(int pipe, int log, LogRules rules);

    /// Moves one piece; false if nothing is there now, or ever again.
    bool pump();
    /// Nothing comes any more: says in the log what is missing at its end, if there is room for that now.
    void finish();
    /// Bytes within the limit that could not be written, for want of room as a rule.
    [[nodiscard]] std::int64_t lost() const { return lost_in_all_; }
    /// Whether everybody who could write has closed the pipe.
    [[nodiscard]] bool at_end() const { return at_end_; }

private:
    void keep(std::string_view bytes);
    void write(std::string_view bytes);
    void lose(std::string_view bytes);

    int pipe_;
    int log_;
    std::int64_t limit_;
    Mask mask_;
    std::int64_t left_;
    std::int64_t lost_ = 0;  ///< since the last notice of it in the log
    std::int64_t lost_in_all_ = 0;
    bool at_line_start_ = true;
    bool marked_ = false;
    bool at_end_ = false;
};

}  // namespace flotilla::launcher
