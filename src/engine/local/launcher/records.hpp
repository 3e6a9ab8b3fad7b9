#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a container's init leaves in the run's folder for the server, whether one lives at that moment or
/// not. Times are microseconds since 1970, UTC.
namespace flotilla::launcher {

/// The file `started`: written before the job is forked, so that an attempt is never started twice.
struct StartedRecord {
    std::int64_t at = 0;
    std::int64_t pid = 0;          ///< init's, as this host sees it
    std::int64_t start_ticks = 0;  ///< field 22 of /proc/PID/stat: with `pid` it names one process
    std::string attempt = {};      ///< whose record it is; empty: not said
    bool operator==(const StartedRecord&) const = default;
};

/// The file `exit`: how the attempt ended. It appears by a rename, once the log is complete.
struct ExitRecord {
    std::int64_t at = 0;
    std::optional<int> code;      ///< 128 + signal number for signals; none: the job never ran
    bool stopped = false;         ///< it ended after a stop request
    std::int64_t cpu_time = 0;    ///< microseconds that its processes ran, all that had one
    std::int64_t log_lost = 0;    ///< bytes that its log lacks, for want of room on the disk as a rule
    std::string exit_class = {};  ///< why the job never ran, as the API says it; empty with a code
    std::string reason = {};      ///< one line; empty where there is a code
    std::string attempt = {};     ///< whose record it is; empty: not said
    bool operator==(const ExitRecord&) const = default;
};

[[nodiscard]] std::string to_text(const StartedRecord& record);
[[nodiscard]] std::string to_text(const ExitRecord& record);

/// The start time of a process, in clock ticks since the host's boot, from its /proc/PID/stat: field 22, see
/// proc(5).
[[nodiscard]] std::optional<std::int64_t> parse_start_ticks(std::string_view stat);

/// Nothing if the text was not written by `to_text` in full.
[[nodiscard]] std::optional<StartedRecord> parse_started_record(std::string_view text);
[[nodiscard]] std::optional<ExitRecord> parse_exit_record(std::string_view text);

}  // namespace flotilla::launcher
