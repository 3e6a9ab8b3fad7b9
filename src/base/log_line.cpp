#include "base/log_line.hpp"

#include <algorithm>
#include <iterator>

#include "base/overloaded.hpp"
#include "base/quoted_text.hpp"

namespace flotilla {

namespace {

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

/// RFC 3339, UTC, always with three digits of milliseconds.
void append_time(TimePoint time, std::string& line) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::milliseconds>(time - day)};
    fmt::format_to(std::back_inserter(line), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                   clock.seconds().count(), clock.subseconds().count());
}

bool needs_no_quotes(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
        return stands_for_itself(byte) && byte != ' ' && byte != '=';
    });
}

void append_text(LogFormat format, std::string_view text, std::string& line) {
    if (format == LogFormat::plain && needs_no_quotes(text)) {
        line += text;
    } else {
        append_quoted(text, line);
    }
}

void append_value(LogFormat format, const LogField::Value& value, std::string& line) {
    const auto out = std::back_inserter(line);
    std::visit(Overloaded{
                   [](std::monostate) {},
                   [&](std::string_view text) { append_text(format, text, line); },
                   [&](std::int64_t number) { fmt::format_to(out, "{}", number); },
                   [&](bool truth) { line += truth ? "true" : "false"; },
                   [&](std::chrono::microseconds duration) {
                       const auto length = std::chrono::abs(duration);
                       fmt::format_to(out, "{}{}.{:03}", duration.count() < 0 ? "-" : "",
                                      length.count() / 1000, length.count() % 1000);
                   },
               },
               value);
}

bool is_there(const LogField& field) {
    return !std::holds_alternative<std::monostate>(field.value);
}

void append_plain_fields(std::span<const LogField> fields, std::string& line) {
    for (const LogField& field : fields) {
        if (is_there(field)) {
            line += ' ';
            line += field.name;
            line += '=';
            append_value(LogFormat::plain, field.value, line);
        }
    }
}

void append_message(std::string_view message, std::string& line) {
    const auto first_word = message.substr(0, message.find(' '));
    if (const auto equals = first_word.find('='); equals != std::string_view::npos) {
        append_escaped(message.substr(0, equals), line);
        line += "\\u003d";
        message.remove_prefix(equals + 1);
    }
    append_escaped(message, line);
}

std::string plain_line(const LogEntry& entry) {
    std::string line;
    append_time(entry.time, line);
    line += ' ';
    line += level_name(entry.level);
    if (!entry.event.empty()) {
        line += " event=";
        append_text(LogFormat::plain, entry.event, line);
    }
    append_plain_fields(entry.fields, line);
    if (entry.event.empty()) {
        line += ' ';
        append_message(entry.message, line);
    }
    return line;
}

void append_member(std::string_view name, const LogField::Value& value, std::string& line) {
    line += ',';
    append_quoted(name, line);
    line += ':';
    append_value(LogFormat::json, value, line);
}

std::string json_line(const LogEntry& entry) {
    std::string line = R"({"time":")";
    append_time(entry.time, line);
    line += '"';
    append_member("level", level_name(entry.level), line);
    if (entry.event.empty()) {
        append_member("message", entry.message, line);
    } else {
        append_member("event", entry.event, line);
    }
    for (const LogField& field : entry.fields) {
        if (is_there(field)) {
            append_member(field.name, field.value, line);
        }
    }
    line += '}';
    return line;
}

}  // namespace

std::string log_line(LogFormat format, const LogEntry& entry) {
    return format == LogFormat::json ? json_line(entry) : plain_line(entry);
}

}  // namespace flotilla
