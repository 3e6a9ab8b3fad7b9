#pragma once

#include "api/response_stream.hpp"
#include "service/log_follower.hpp"

namespace flotilla {

/// The log of a run as server-sent events, from where the follower stands to the end of the run:
/// - a message for lines, joined by newlines; `part` for a piece of a very long line, which the next of them
///   goes on with;
/// - `unfinished` for what the line that has no end yet shows now; nothing once its end was sent;
/// - `attempt` with `{"number": N}` when the log of another attempt begins;
/// - `end` with `{"status": ..., "exit_code": ...}` when the run has stopped and all of its log was sent.
/// Every event but `unfinished` and `end` has an id with which a client goes on after it. A comment at the
/// beginning and every 15 seconds in which nothing else is sent keeps the connection alive.
class LogEventStream final : public ResponseStream {
public:
    /// How lines are told: as text, in which a carriage return cannot be told from a newline, or each as a
    /// JSON text.
    enum class Form { text, json };

    explicit LogEventStream(LogFollower follower, Form form = Form::text)
        : follower_(std::move(follower)), form_(form) {}

    StreamPart next(Moment now) override;
    bool is_due(Moment now) override;
    std::optional<std::uint64_t> length() const override { return std::nullopt; }

private:
    [[nodiscard]] StreamPart part_of(const LogNews& news) const;

    LogFollower follower_;
    Form form_;
    std::optional<Moment> last_sent_;
};

}  // namespace flotilla
