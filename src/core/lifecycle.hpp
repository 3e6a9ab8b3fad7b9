#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/run.hpp"

namespace flotilla {

/// The intent to hand the attempt to its engine, written before the engine is asked.
struct Submitting {
    std::string host{};  ///< the id of the host whose server does
};

/// The engine is asked from here on: whether the attempt starts is not known until there is news of it.
struct Offered {
    TimePoint at;
};

/// The engine could not start it now, or was not asked: the attempt waits again.
struct Deferred {};

/// The engine took it.
struct Submitted {
    std::string handle;  ///< the engine's own name for the attempt
    TimePoint at{};
};

/// Its process started.
struct Started {
    TimePoint at;
    Instance instance;
    std::string handle{};  ///< as in `Submitted`, which may come later or never; empty: not told
};

/// It ended, or never began and never will. `exit_class` is `stopped_by_user` only if the engine ended it.
struct Ended {
    TimePoint at;
    std::optional<int> exit_code;
    ExitClass exit_class = ExitClass::completed;
    std::string reason;                ///< one sentence for people
    RetryTerms retry{};                ///< not the engine's to say
    std::optional<Started> started{};  ///< if its process had: the news of that may have been lost
    ResourceUse use{};
    std::string last_log_line{};  ///< what its log ends with, where that may be told
    std::string handle{};         ///< as in `Started`
    std::int64_t log_lost = 0;    ///< bytes that its log lacks, since they could not be written
};

/// Somebody wants it to end.
struct StopRequested {
    TimePoint at;
    std::string by;
};

/// The job says something of itself.
struct Reported {
    TimePoint at;
    RunStatus status = RunStatus::queued;
    std::optional<int> exit_code;
    RetryTerms retry{};  ///< for `needs_retry`
};

/// Its time to wait or to run may be over (`deadline_of`).
struct Overdue {
    TimePoint at;
};

/// The back-off is over: the next attempt begins to wait.
struct Requeued {
    TimePoint at;
};

using ChangeKind = std::variant<Submitting, Offered, Deferred, Submitted, Started, Ended, StopRequested,
                                Reported, Overdue, Requeued>;

/// Something that happened to an attempt of a run, or that somebody wants to happen to it.
struct RunChange {
    int attempt = 1;  ///< news of another attempt than the current one changes nothing
    ChangeKind kind;
};

/// When the current attempt will have waited or run for longer than it may; none: never. Pure.
[[nodiscard]] std::optional<TimePoint> deadline_of(const Run& run);

/// The life cycle, the one place that decides what a change does to a run. Pure: the same run and change give
/// the same run. Late, repeated or impossible news changes nothing and is no error. Says whether anything
/// changed.
bool apply(const RunChange& change, Run& run);

}  // namespace flotilla
