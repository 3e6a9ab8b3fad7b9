#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/run.hpp"

namespace flotilla {

/// The log of one attempt: bytes to which its job only ever adds.
struct AttemptLog {
    RunId run;
    int attempt = 1;
    bool is_complete = false;       ///< nothing more will be written: a half line at its end is a line too
    std::string host{};             ///< the id of the host that it is on; empty: this one
    bool is_for_this_host = false;  ///< another server asks, since it takes the log to be here
    std::string handle{};           ///< the engine's own name for the attempt
    std::string location{};         ///< of its run (`Run::log_location`)
    DefinitionId definition{};      ///< of its run
    std::optional<TimePoint> ended_at{};
};

/// The header by which a server that asks another for a log says so.
constexpr std::string_view peer_header = "Flotilla-Peer";

/// The log of that attempt of a run.
[[nodiscard]] inline AttemptLog log_of(const Run& run, int attempt) {
    const bool is_earlier = attempt < run.attempt.number;
    const auto index = static_cast<std::size_t>(attempt - 1);
    const bool is_known = is_earlier && index < run.earlier_attempts.size();
    const Attempt& known = is_known ? run.earlier_attempts[index] : run.attempt;
    return {.run = run.id,
            .attempt = attempt,
            .is_complete = is_earlier || run.attempt.phase == AttemptPhase::ended,
            .host = known.host,
            .handle = known.handle,
            .location = run.log_location,
            .definition = run.definition_id,
            .ended_at = known.finished_at};
}

/// The bytes of a log that were there when it was opened.
class LogBytes {
public:
    LogBytes() = default;
    LogBytes(const LogBytes&) = delete;
    LogBytes& operator=(const LogBytes&) = delete;
    virtual ~LogBytes() = default;

    [[nodiscard]] virtual std::int64_t size() const = 0;
    /// `count` bytes from `offset` on, which are within the size. Throws if they cannot be had.
    [[nodiscard]] virtual std::string read(std::int64_t offset, std::size_t count) = 0;
};

/// A part of a log.
struct LogPage {
    std::string text;         ///< lines joined by `\n`, valid UTF-8
    std::int64_t length = 0;  ///< how many bytes of the log it stands for; 0: there is nothing new
    bool is_cut = false;      ///< its last line is longer than a page and goes on with the next one
    std::string rest{};       ///< bytes after it of a line that has no end yet; empty if more lines follow
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

    /// How many bytes were written so far; 0 if that cannot be told. Quick enough to be asked often: nothing
    /// is fetched. Throws nothing.
    [[nodiscard]] virtual std::int64_t size(const AttemptLog& log) = 0;

    /// Whether more may come of a log that is complete: what keeps it may not have all of it yet.
    [[nodiscard]] virtual bool may_grow(const AttemptLog&) { return false; }

    /// Its bytes; null if there is no log yet.
    [[nodiscard]] virtual std::unique_ptr<LogBytes> open(const AttemptLog& log) = 0;
};

}  // namespace flotilla
