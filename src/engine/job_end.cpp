#include "engine/job_end.hpp"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/utf8.hpp"
#include "core/exit_reason.hpp"

namespace flotilla {

namespace {

constexpr int first_signal_code = 128;

std::string with_detail(std::string sentence, const std::string& detail) {
    return detail.empty() ? sentence : fmt::format("{}: {}", sentence, detail);
}

std::string code_sentence(int code, const std::string& last_log_line) {
    if (code == 0) {
        return "the job completed";
    }
    if (code == 126) {
        return with_detail("the command cannot be executed (exit code 126)", last_log_line);
    }
    if (code == 127) {
        return with_detail("the command was not found (exit code 127)", last_log_line);
    }
    const char* const signal = code > first_signal_code ? ::sigabbrev_np(code - first_signal_code) : nullptr;
    const auto sentence = signal != nullptr
                              ? fmt::format("the job ended with exit code {}, which means signal {} (SIG{})",
                                            code, code - first_signal_code, signal)
                              : fmt::format("the job ended with exit code {}", code);
    return with_last_log_line(sentence, last_log_line);
}

Ended ended(const JobEnd& end, ExitClass exit_class, std::string reason) {
    return {.at = end.at,
            .exit_code = end.code,
            .exit_class = exit_class,
            .reason = std::move(reason),
            .last_log_line = end.last_log_line};
}

/// Whether the shell wrote the line to show what it does (`set -x`).
bool is_trace(std::string_view line) {
    const auto first = line.find_first_not_of('+');
    return first != 0 && first != std::string_view::npos && line[first] == ' ';
}

/// A job may write anything; a sentence keeps to one line of text.
std::string in_a_sentence(std::string_view line, std::size_t longest) {
    const auto shown = line.substr(0, longest);
    std::string text = as_utf8(shown.size() < line.size() ? shown.substr(0, whole_characters(shown)) : shown);
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
    return text;
}

std::string last_line_of(std::string_view text, std::size_t longest) {
    for (;;) {
        const auto last = text.find_last_not_of(" \n\r\t");
        if (last == std::string_view::npos) {
            return {};
        }
        const auto before = text.rfind('\n', last);
        const auto first = before == std::string_view::npos ? 0 : before + 1;
        const auto line = text.substr(first, last + 1 - first);
        if (!is_trace(line)) {
            return in_a_sentence(line, longest);
        }
        text = text.substr(0, first);
    }
}

/// As `64 MiB (peak 63.9 MiB)`.
std::string memory_limit(const JobEnd& end) {
    constexpr double mebibyte = 1 << 20;
    const auto peak = end.peak_memory == 0 ? std::string()
                                           : fmt::format(" (peak {:.1f} MiB)",
                                                         static_cast<double>(end.peak_memory) / mebibyte);
    return fmt::format("{} MiB{}", end.memory, peak);
}

Ended ended_out_of_memory(const JobEnd& end) {
    const auto how = end.code == killed_code
                         ? fmt::format("the job was killed at its limit of {}", memory_limit(end))
                         : fmt::format("{} killed at its limit of {}, and the job ended with exit code {}",
                                       end.killed_for_memory, memory_limit(end), end.code);
    return ended(end, ExitClass::out_of_memory,
                 with_last_log_line("out of memory: " + how, end.last_log_line));
}

}  // namespace

Ended how_it_ended(const JobEnd& end) {
    if (end.is_stopped && (end.code == 0 || end.killed_for_memory.empty())) {
        return ended(end, ExitClass::stopped_by_user,
                     fmt::format("stopped: {}", end.code == 0 ? "the job ended with exit code 0"
                                                              : code_sentence(end.code, "")));
    }
    if (end.code == 0) {
        const auto killed = end.killed_for_memory.empty()
                                ? std::string()
                                : fmt::format(", but out of memory: {} killed at its limit of {}",
                                              end.killed_for_memory, memory_limit(end));
        return ended(end, ExitClass::completed, code_sentence(end.code, "") + killed);
    }
    if (!end.killed_for_memory.empty()) {
        return ended_out_of_memory(end);
    }
    return ended(end, ExitClass::job_failed, code_sentence(end.code, end.last_log_line));
}

std::string last_line(const std::filesystem::path& log) {
    constexpr off_t tail = 4096;
    constexpr std::size_t longest = 300;
    const UniqueFd file(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat found = {};
    if (!file || ::fstat(file.get(), &found) != 0) {
        return {};
    }
    std::string text(static_cast<std::size_t>(std::min(found.st_size, tail)), '\0');
    const auto count =
        ::pread(file.get(), text.data(), text.size(), std::max<off_t>(found.st_size - tail, 0));
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return last_line_of(text, longest);
}

}  // namespace flotilla
