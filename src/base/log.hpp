#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace flotilla {

// The server's own log, on standard error: whatever happens is one line, whatever stands in its values.
// docs/operations.md shows how the lines look. Secrets and the values of runs' environment variables never
// go in.

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { plain, json };

/// Before this is called lines are plain and those of `debug` are left out.
void configure_log(LogFormat format, LogLevel least);

/// Whether lines of this level are written.
[[nodiscard]] bool is_logged(LogLevel level);

/// A named value of a line. The name is a word of lower-case letters and underscores; texts are not copied.
struct LogField {
    /// What is not there is left out of the line; a duration is written as milliseconds.
    using Value =
        std::variant<std::monostate, std::string_view, std::int64_t, bool, std::chrono::microseconds>;

    LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
    LogField(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
    LogField(std::string_view field, const std::string& text) : name(field), value(std::string_view(text)) {}
    LogField(std::string_view field, bool truth) : name(field), value(truth) {}
    template <std::integral Integer>
    LogField(std::string_view field, Integer number)
        : name(field), value(static_cast<std::int64_t>(number)) {}
    LogField(std::string_view field, std::chrono::microseconds duration) : name(field), value(duration) {}
    template <typename Given>
    LogField(std::string_view field, const std::optional<Given>& given) : name(field) {
        if (given) {
            value = LogField(field, *given).value;
        }
    }

    std::string_view name;
    Value value;
};
using LogFields = std::initializer_list<LogField>;

/// One line for something that happened, such as `run_status`: its name, a word as those of fields are, and
/// what is to be known of it.
void log_event(LogLevel level, std::string_view event, LogFields fields);
inline void log_event(std::string_view event, LogFields fields) {
    log_event(LogLevel::info, event, fields);
}

/// One line in words.
void log_text(LogLevel level, std::string_view text);

/// While this lives, the lines of its thread carry the field, unless they have one of that name themselves.
/// Scopes end in the reverse of the order in which they began.
class LogScope {
public:
    LogScope(std::string_view name, std::string value);
    LogScope(const LogScope&) = delete;
    LogScope& operator=(const LogScope&) = delete;
    ~LogScope();

    [[nodiscard]] LogField field() const { return {name_, value_}; }
    [[nodiscard]] const LogScope* outer() const { return outer_; }

private:
    std::string_view name_;
    std::string value_;
    const LogScope* outer_;
};

template <typename... Args>
void log_message(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
    if (is_logged(level)) {
        log_text(level, fmt::format(format, std::forward<Args>(args)...));
    }
}

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
    log_message(LogLevel::debug, format, std::forward<Args>(args)...);
}

template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
    log_message(LogLevel::info, format, std::forward<Args>(args)...);
}

template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
    log_message(LogLevel::warning, format, std::forward<Args>(args)...);
}

template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
    log_message(LogLevel::error, format, std::forward<Args>(args)...);
}

}  // namespace flotilla
