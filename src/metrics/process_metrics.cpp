#include "metrics/process_metrics.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/file.hpp"

namespace flotilla {

namespace {

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        words.push_back(word);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return words;
}

double number_of(std::string_view word) {
    double number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    return number;
}

/// The fields of /proc/self/stat from `state`, the third, on: the name before it may hold anything.
std::vector<std::string_view> fields_after_name(std::string_view stat) {
    const auto end_of_name = stat.rfind(')');
    return end_of_name == std::string_view::npos ? std::vector<std::string_view>()
                                                 : words_of(stat.substr(end_of_name + 2));
}

/// Seconds since 1970 at which the host started.
double boot_time() {
    timespec now{};
    timespec up{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    ::clock_gettime(CLOCK_BOOTTIME, &up);
    return static_cast<double>(now.tv_sec - up.tv_sec) + static_cast<double>(now.tv_nsec - up.tv_nsec) / 1e9;
}

std::optional<double> count_open_files() {
    std::error_code error;
    double count = 0;
    for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
         entry.increment(error)) {
        ++count;
    }
    // The listing has a descriptor of its own.
    return error ? std::nullopt : std::optional(count - 1);
}

// Places in /proc/self/stat, see proc(5), counted from `state`.
constexpr std::size_t user_ticks = 11;
constexpr std::size_t system_ticks = 12;
constexpr std::size_t start_ticks = 19;
constexpr std::size_t virtual_bytes = 20;
constexpr std::size_t resident_pages = 21;

}  // namespace

ProcessMetrics::ProcessMetrics(MetricRegistry& registry)
    : cpu_(registry.counter("process_cpu_seconds_total", "Processor time of this process, in seconds.")),
      resident_(registry.gauge("process_resident_memory_bytes", "Memory that this process holds.")),
      virtual_(registry.gauge("process_virtual_memory_bytes", "Address space of this process.")),
      start_(registry.gauge("process_start_time_seconds", "When this process started, since 1970.")),
      open_fds_(registry.gauge("process_open_fds", "Open file descriptors of this process.")),
      max_fds_(registry.gauge("process_max_fds", "How many of them it may have.")) {
    const std::string stat = read_file("/proc/self/stat").value_or("");
    if (const auto fields = fields_after_name(stat); fields.size() > start_ticks) {
        const auto ticks_a_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
        start_.set(boot_time() + number_of(fields[start_ticks]) / ticks_a_second);
    }
}

void ProcessMetrics::update() {
    const std::string stat = read_file("/proc/self/stat").value_or("");
    if (const auto fields = fields_after_name(stat); fields.size() > resident_pages) {
        const auto ticks_a_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
        cpu_.raise_to((number_of(fields[user_ticks]) + number_of(fields[system_ticks])) / ticks_a_second);
        virtual_.set(number_of(fields[virtual_bytes]));
        resident_.set(number_of(fields[resident_pages]) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    }
    if (const auto count = count_open_files()) {
        open_fds_.set(*count);
    }
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        max_fds_.set(static_cast<double>(limit.rlim_cur));
    }
}

}  // namespace flotilla
