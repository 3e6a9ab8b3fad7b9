#include "api/response_text.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace flotilla {

std::string http_date(std::time_t seconds) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm time{};
    gmtime_r(&seconds, &time);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[static_cast<std::size_t>(time.tm_wday)],
                       time.tm_mday, months[static_cast<std::size_t>(time.tm_mon)], time.tm_year + 1900,
                       time.tm_hour, time.tm_min, time.tm_sec);
}

namespace {

/// What keeps browsers from reading, keeping or framing an answer in ways that it was not meant for; an
/// answer may bring its own (https://owasp.org/www-project-secure-headers/).
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> safe_headers{{
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
}};

}  // namespace

std::string response_text(const Response& response, const ResponseForm& form) {
    const bool has_body = !form.without_body && !response.stream && response.status != 304;
    std::string text;
    text.reserve(512 + (has_body ? response.body.size() : 0));
    const auto add = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append("\r\n");
    };
    text.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    text.append(reason_phrase(response.status)).append("\r\n");
    add("Server", "flotilla/" FLOTILLA_VERSION);
    add("Date", form.date);
    if (!response.content_type.empty()) {
        add("Content-Type", response.content_type);
    }
    const auto length =
        response.stream ? response.stream->length() : std::optional<std::uint64_t>(response.body.size());
    if (length) {
        add("Content-Length", std::to_string(*length));
    } else if (form.is_chunked) {
        add("Transfer-Encoding", "chunked");
    }
    add("Connection", form.keep_alive ? "keep-alive" : "close");
    for (const auto& [name, value] : safe_headers) {
        if (!find_header(response.headers, name)) {
            add(name, value);
        }
    }
    for (const auto& [name, value] : response.headers) {
        add(name, value);
    }
    text.append("\r\n");
    if (has_body) {
        text.append(response.body);
    }
    return text;
}

std::string chunk_text(std::string_view bytes) {
    std::string text = fmt::format("{:x}\r\n", bytes.size());
    text.reserve(text.size() + bytes.size() + 2);
    return text.append(bytes).append("\r\n");
}

}  // namespace flotilla
