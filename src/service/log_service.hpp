#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/clusters.hpp"
#include "logs/log_lines.hpp"
#include "logs/log_reader.hpp"
#include "service/log_follower.hpp"
#include "service/run_service.hpp"

namespace flotilla {

/// A part of a log.
struct LogText {
    std::string text;       ///< whole lines joined by `\n`, valid UTF-8, at most 1 MiB
    std::string last_seen;  ///< opaque; passed back, it gives what came after
    bool may_grow = false;  ///< more may come though the attempt has ended
};

/// Who asks for a log: another server asks this one only for what is here.
enum class Asker { somebody, another_server };

/// The bytes of a log as they are.
struct RawLog {
    std::unique_ptr<LogBytes> bytes;  ///< null if there is nothing to read yet
    int attempt = 1;
};

/// Lines of the log of one attempt.
struct NumberedLines {
    int attempt = 1;
    LineRange range;
    std::string last_seen{};  ///< what comes after all of its lines; empty before there is a log
};

/// What users can do with logs. Throws `not_found` for an unknown run or attempt.
class LogService {
public:
    LogService(RunService& runs, const Clusters& clusters) : runs_(runs), clusters_(clusters) {}

    /// The page after `last_seen` (empty: from the beginning) of that attempt, the current one if none is
    /// named; an empty page without a token before the attempt is `RUNNING`. At the end the same token comes
    /// back with an empty text, and a token of another attempt counts as none. Throws `invalid` for a bad
    /// token.
    [[nodiscard]] LogText read(const RunId& id, std::string_view last_seen, std::optional<int> attempt);

    /// What that attempt, the current one if none is named, has written so far; nothing before it is
    /// `RUNNING`.
    [[nodiscard]] RawLog open(const RunId& id, std::optional<int> attempt, Asker asker = Asker::somebody);

    /// Lines of that attempt, the current one if none is named: `count` (1 to 10,000) from line `first` on,
    /// or the last ones. Throws `invalid` for numbers that cannot be.
    [[nodiscard]] NumberedLines lines(const RunId& id, std::optional<int> attempt,
                                      std::optional<std::int64_t> first, std::int64_t count);

    /// The lines of that attempt that show a text. Throws `invalid` for a text that no line can have and
    /// for an offset that cannot be.
    [[nodiscard]] LineMatches search(const RunId& id, std::optional<int> attempt, const LineQuery& query);

    /// Follows a run from `last_seen` on; if that is empty, from the beginning of the current attempt.
    /// Throws `invalid` for a bad token. The service outlives the follower.
    [[nodiscard]] LogFollower follow(const RunId& id, std::string_view last_seen);

private:
    [[nodiscard]] std::unique_ptr<LogBytes> open(const Run& run, const AttemptLog& log);

    RunService& runs_;
    const Clusters& clusters_;
};

}  // namespace flotilla
