#include "base/time_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace flotilla {

namespace {

using std::chrono::microseconds;

/// Takes exactly `count` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) {
        return std::nullopt;
    }
    int value = 0;
    for (const char digit : text.substr(0, count)) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        value = value * 10 + (digit - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take_char(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_digits(text, 4);
    if (!year || !take_char(text, "-")) {
        return std::nullopt;
    }
    const auto month = take_digits(text, 2);
    if (!month || !take_char(text, "-")) {
        return std::nullopt;
    }
    const auto day = take_digits(text, 2);
    if (!day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date};
}

std::optional<microseconds> take_time_of_day(std::string_view& text) {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take_char(text, ":")) {
        return std::nullopt;
    }
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take_char(text, ":")) {
        return std::nullopt;
    }
    const auto second = take_digits(text, 2);
    if (!second || *second > 59) {
        return std::nullopt;
    }
    microseconds time =
        std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
    if (take_char(text, ".")) {
        std::int64_t weight = 100'000;
        std::size_t digits = 0;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
            time += microseconds{(text.front() - '0') * weight};
            weight /= 10;
        }
        if (digits == 0) {
            return std::nullopt;
        }
    }
    return time;
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
    if (take_char(text, "Zz")) {
        return std::chrono::minutes{0};
    }
    const bool negative = !text.empty() && text.front() == '-';
    if (!take_char(text, "+-")) {
        return std::nullopt;
    }
    const auto hours = take_digits(text, 2);
    if (!hours || *hours > 23 || !take_char(text, ":")) {
        return std::nullopt;
    }
    const auto minutes = take_digits(text, 2);
    if (!minutes || *minutes > 59) {
        return std::nullopt;
    }
    const std::chrono::minutes offset = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
    return negative ? -offset : offset;
}

struct Unit {
    std::string_view name;
    double in_microseconds;
};
// Longest names first, so that "m" does not take the front of "ms".
constexpr std::array units{Unit{"ns", 1e-3}, Unit{"us", 1},  Unit{"\u00b5s", 1}, Unit{"\u03bcs", 1},
                           Unit{"ms", 1e3},  Unit{"s", 1e6}, Unit{"m", 60e6},    Unit{"h", 3600e6}};

const Unit* take_unit(std::string_view& text) {
    for (const Unit& unit : units) {
        if (text.substr(0, unit.name.size()) == unit.name) {
            text.remove_prefix(unit.name.size());
            return &unit;
        }
    }
    return nullptr;
}

}  // namespace

std::string to_rfc3339(TimePoint time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                            clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    if (clock.subseconds().count() != 0) {
        text += fmt::format(".{:06}", clock.subseconds().count());
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + "Z";
}

std::optional<TimePoint> parse_time(std::string_view text) {
    const auto day = take_date(text);
    if (!day) {
        return std::nullopt;
    }
    if (text.empty()) {
        return TimePoint{*day};
    }
    if (!take_char(text, "Tt ")) {
        return std::nullopt;
    }
    const auto time = take_time_of_day(text);
    if (!time) {
        return std::nullopt;
    }
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) {
        return std::nullopt;
    }
    return TimePoint{*day} + *time - *offset;
}

std::optional<microseconds> parse_duration(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    take_char(text, "+-");
    if (text == "0") {
        return microseconds{0};
    }
    if (text.empty()) {
        return std::nullopt;
    }
    double total = 0;
    while (!text.empty()) {
        double number = 0;
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
        if (error != std::errc{} || text.front() == '-') {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const Unit* unit = take_unit(text);
        if (unit == nullptr) {
            return std::nullopt;
        }
        total += number * unit->in_microseconds;
    }
    if (!std::isfinite(total) || total > 9e18) {
        return std::nullopt;
    }
    return microseconds{std::llround(negative ? -total : total)};
}

std::string duration_text(microseconds duration) {
    auto rest = duration.count();
    if (rest == 0) {
        return "0s";
    }
    std::string text = rest < 0 ? "-" : "";
    rest = std::abs(rest);
    const auto part = [&](std::int64_t unit, std::string_view name) {
        if (rest >= unit) {
            text += fmt::format("{}{}", rest / unit, name);
            rest %= unit;
        }
    };
    part(3'600'000'000, "h");
    part(60'000'000, "m");
    part(1'000'000, "s");
    part(1'000, "ms");
    part(1, "us");
    return text;
}

}  // namespace flotilla
