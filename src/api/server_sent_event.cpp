#include "api/server_sent_event.hpp"

namespace flotilla {

namespace {

void append_field(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\n");
}

}  // namespace

std::string event_text(const ServerSentEvent& event) {
    std::string text;
    text.reserve(event.data.size() + event.data.size() / 8 + 64);
    if (!event.type.empty()) {
        append_field(text, "event", event.type);
    }
    if (!event.id.empty()) {
        append_field(text, "id", event.id);
    }
    std::string_view rest = event.data;
    while (true) {
        const auto end = rest.find_first_of("\r\n");
        append_field(text, "data", rest.substr(0, end));
        if (end == std::string_view::npos) {
            break;
        }
        const bool is_pair = rest.substr(end).starts_with("\r\n");
        rest.remove_prefix(end + (is_pair ? 2 : 1));
    }
    return text.append("\n");
}

}  // namespace flotilla
