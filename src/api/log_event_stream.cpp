#include "api/log_event_stream.hpp"

#include "api/server_sent_event.hpp"
#include "base/overloaded.hpp"
#include "wire/answers.hpp"

namespace flotilla {

namespace {

using Then = StreamPart::Then;

constexpr std::chrono::seconds heartbeat{15};

/// A JSON text as an event with it has it: without the newline at its end.
std::string event_json(std::string_view type, std::string json, std::string_view id) {
    json.pop_back();
    return event_text({.type = type, .data = json, .id = id});
}

}  // namespace

StreamPart LogEventStream::part_of(const LogNews& news) const {
    const bool is_json = form_ == Form::json;
    return std::visit(
        Overloaded{
            [&](const LogLines& lines) {
                const std::string_view type = lines.is_cut ? "part" : "";
                if (!is_json) {
                    return StreamPart{event_text({.type = type, .data = lines.text, .id = lines.last_seen}),
                                      Then::more};
                }
                return StreamPart{
                    event_json(type, lines.is_cut ? text_json(lines.text) : joined_lines_json(lines.text),
                               lines.last_seen),
                    Then::more};
            },
            [&](const UnfinishedLine& line) {
                return StreamPart{is_json ? event_json("unfinished", text_json(line.text), {})
                                          : event_text({.type = "unfinished", .data = line.text}),
                                  Then::more};
            },
            [](const AttemptBegan& began) {
                return StreamPart{event_json("attempt", attempt_began_json(began.number), began.last_seen),
                                  Then::more};
            },
            [](const LogEnded& ended) {
                return StreamPart{event_json("end", log_ended_json(ended.status, ended.exit_code), {}),
                                  Then::end};
            },
            [](const NothingNew&) {
                return StreamPart{{}, Then::wait};
            },
        },
        news);
}

StreamPart LogEventStream::next(Moment now) {
    if (!last_sent_) {
        // something at once, so that the head gets through to the client; and when to come back after a break
        last_sent_ = now;
        return {": the log follows\nretry: 1000\n\n", Then::more};
    }
    StreamPart part = part_of(follower_.next(now));
    if (part.bytes.empty() && now - *last_sent_ >= heartbeat) {
        part.bytes = ": still here\n\n";
    }
    if (!part.bytes.empty()) {
        last_sent_ = now;
    }
    return part;
}

bool LogEventStream::is_due(Moment now) {
    return follower_.is_due(now) || now - *last_sent_ >= heartbeat;
}

}  // namespace flotilla
