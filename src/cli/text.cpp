#include "cli/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace flotilla {

std::string short_duration(std::chrono::microseconds duration) {
    using namespace std::chrono;
    duration = std::max(duration, microseconds::zero());
    if (duration < 1s) {
        return fmt::format("{}ms", duration / 1ms);
    }
    if (duration < 10s) {
        const auto tenths = duration / 100ms;
        return fmt::format("{}.{}s", tenths / 10, tenths % 10);
    }
    const auto total = floor<seconds>(duration).count();
    if (total < 60) {
        return fmt::format("{}s", total);
    }
    if (total < 3600) {
        return fmt::format("{}m{:02}s", total / 60, total % 60);
    }
    if (total < 86'400) {
        return fmt::format("{}h{:02}m", total / 3600, total / 60 % 60);
    }
    return fmt::format("{}d{:02}h", total / 86'400, total / 3600 % 24);
}

std::string age_text(TimePoint moment, TimePoint now) {
    const auto total = std::chrono::floor<std::chrono::seconds>(now - moment).count();
    if (total < 1) {
        return "now";
    }
    if (total < 60) {
        return fmt::format("{}s ago", total);
    }
    if (total < 3600) {
        return fmt::format("{}m ago", total / 60);
    }
    if (total < 86'400) {
        return fmt::format("{}h ago", total / 3600);
    }
    return fmt::format("{}d ago", total / 86'400);
}

std::string size_text(std::int64_t bytes) {
    if (bytes < 1000) {
        return fmt::format("{} B", bytes);
    }
    constexpr std::array units{"kB", "MB", "GB", "TB"};
    auto size = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    while (size >= 999.95 && unit + 1 < units.size()) {
        size /= 1000;
        ++unit;
    }
    return fmt::format("{:.1f} {}", size, units.at(unit));
}

std::string one_line(std::string_view text) {
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    std::string line;
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool is_control = byte < ' ' || byte == 0x7F;
        if (character == '\n') {
            line += "; ";
        } else {
            line += is_control ? '?' : character;
        }
    }
    return line;
}

}  // namespace flotilla
