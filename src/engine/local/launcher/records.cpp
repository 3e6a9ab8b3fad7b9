#include "engine/local/launcher/records.hpp"

#include <algorithm>
#include <charconv>

namespace flotilla::launcher {

namespace {

/// The last line of a record: without it the record is not complete.
constexpr std::string_view end_line = "end\n";

void add_line(std::string& text, std::string_view key, std::string_view value) {
    text.append(key).append(" ").append(value).append("\n");
}

/// The value of `key` in lines of `key value`.
std::optional<std::string_view> find_line(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
            return line.substr(key.size() + 1);
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> find_number(std::string_view text, std::string_view key) {
    const auto value = find_line(text, key);
    std::int64_t number = 0;
    if (!value) {
        return std::nullopt;
    }
    const auto* const end = value->data() + value->size();
    const auto result = std::from_chars(value->data(), end, number);
    return result.ec == std::errc{} && result.ptr == end ? std::optional(number) : std::nullopt;
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

}  // namespace

std::string to_text(const StartedRecord& record) {
    std::string text;
    add_line(text, "at", std::to_string(record.at));
    add_line(text, "pid", std::to_string(record.pid));
    add_line(text, "start_ticks", std::to_string(record.start_ticks));
    if (!record.attempt.empty()) {
        add_line(text, "attempt", record.attempt);
    }
    return text.append(end_line);
}

std::string to_text(const ExitRecord& record) {
    std::string text;
    add_line(text, "at", std::to_string(record.at));
    if (record.code) {
        add_line(text, "code", std::to_string(*record.code));
    }
    add_line(text, "stopped", record.stopped ? "1" : "0");
    add_line(text, "cpu_time", std::to_string(record.cpu_time));
    if (record.log_lost > 0) {
        add_line(text, "log_lost", std::to_string(record.log_lost));
    }
    if (!record.exit_class.empty()) {
        add_line(text, "class", record.exit_class);
        add_line(text, "reason", one_line(record.reason));
    }
    if (!record.attempt.empty()) {
        add_line(text, "attempt", record.attempt);
    }
    return text.append(end_line);
}

std::optional<std::int64_t> parse_start_ticks(std::string_view stat) {
    // The second field, the name, may hold anything but ends at the last parenthesis.
    const auto name_end = stat.rfind(')');
    stat.remove_prefix(name_end == std::string_view::npos ? stat.size() : name_end);
    constexpr int fields_after_name = 20;
    for (int field = 0; field < fields_after_name; ++field) {
        const auto space = stat.find(' ');
        stat.remove_prefix(space == std::string_view::npos ? stat.size() : space + 1);
    }
    std::int64_t ticks = 0;
    const auto result = std::from_chars(stat.data(), stat.data() + stat.size(), ticks);
    return result.ec == std::errc{} ? std::optional(ticks) : std::nullopt;
}

std::optional<StartedRecord> parse_started_record(std::string_view text) {
    const auto at = find_number(text, "at");
    const auto pid = find_number(text, "pid");
    const auto start_ticks = find_number(text, "start_ticks");
    if (!text.ends_with(end_line) || !at || !pid || !start_ticks) {
        return std::nullopt;
    }
    return StartedRecord{*at, *pid, *start_ticks, std::string(find_line(text, "attempt").value_or(""))};
}

std::optional<ExitRecord> parse_exit_record(std::string_view text) {
    const auto at = find_number(text, "at");
    const auto code = find_number(text, "code");
    const auto exit_class = find_line(text, "class");
    if (!text.ends_with(end_line) || !at || (!code && !exit_class)) {
        return std::nullopt;
    }
    ExitRecord record;
    record.at = *at;
    if (code) {
        record.code = static_cast<int>(*code);
    }
    record.stopped = find_number(text, "stopped") == 1;
    record.cpu_time = find_number(text, "cpu_time").value_or(0);
    record.log_lost = find_number(text, "log_lost").value_or(0);
    record.exit_class = exit_class.value_or("");
    record.reason = find_line(text, "reason").value_or("");
    record.attempt = find_line(text, "attempt").value_or("");
    return record;
}

}  // namespace flotilla::launcher
