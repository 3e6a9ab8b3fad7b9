#pragma once

#include <string>
#include <string_view>

namespace flotilla {

/// An event of a stream of server-sent events
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
struct ServerSentEvent {
    std::string_view type{};  ///< empty: `message`
    std::string_view
        data;  ///< UTF-8; `\n`, `\r\n` and `\r` alike begin a new line, they cannot be told apart
    std::string_view id{};  ///< empty: that of the event before stays
};

/// The bytes of an event, as they go over the wire.
[[nodiscard]] std::string event_text(const ServerSentEvent& event);

}  // namespace flotilla
