#include "base/log.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/log_line.hpp"

namespace flotilla {

namespace {

/// spdlog takes the lines as they are, one at a time, each in one write.
spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = spdlog::stderr_logger_mt("flotilla");
        made->set_pattern("%v");
        made->set_level(spdlog::level::trace);
        made->flush_on(spdlog::level::trace);
        return made;
    }();
    return *instance;
}

std::atomic<LogFormat> line_format{LogFormat::plain};
std::atomic<LogLevel> least_level{LogLevel::info};
thread_local const LogScope* innermost_scope = nullptr;

bool has_field(const std::vector<LogField>& fields, std::string_view name) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const LogField& field) { return field.name == name; });
}

void write_line(LogLevel level, std::string_view event, std::string_view message, LogFields given) {
    if (!is_logged(level)) {
        return;
    }
    std::vector<LogField> fields(given);
    for (const LogScope* scope = innermost_scope; scope != nullptr; scope = scope->outer()) {
        if (const LogField field = scope->field(); !has_field(fields, field.name)) {
            fields.push_back(field);
        }
    }
    const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    logger().log(spdlog::level::info, log_line(line_format, {now, level, event, message, fields}));
}

}  // namespace

void configure_log(LogFormat format, LogLevel least) {
    line_format = format;
    least_level = least;
}

bool is_logged(LogLevel level) {
    return level >= least_level.load(std::memory_order_relaxed);
}

void log_event(LogLevel level, std::string_view event, LogFields fields) {
    write_line(level, event, {}, fields);
}

void log_text(LogLevel level, std::string_view text) {
    write_line(level, {}, text, {});
}

LogScope::LogScope(std::string_view name, std::string value)
    : name_(name), value_(std::move(value)), outer_(innermost_scope) {
    innermost_scope = this;
}

LogScope::~LogScope() {
    innermost_scope = outer_;
}

}  // namespace flotilla
