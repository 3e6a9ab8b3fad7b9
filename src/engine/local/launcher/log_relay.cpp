#include "engine/local/launcher/log_relay.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace flotilla::launcher {

LogRelay::LogRelay(int pipe, int log, LogRules rules) : pipe_(pipe), log_(log), filter_(std::move(rules)) {
    ::fcntl(pipe_, F_SETFL, O_NONBLOCK);
}

bool LogRelay::pump() {
    static char buffer[65536];
    const auto count = ::read(pipe_, buffer, sizeof buffer);
    if (count <= 0) {
        at_end_ = count == 0 || (errno != EAGAIN && errno != EINTR);
        return count < 0 && errno == EINTR;
    }
    const auto shown = filter_.pass({buffer, static_cast<std::size_t>(count)});
    if (!shown.empty()) {
        write(shown);
    }
    return true;
}

void LogRelay::finish() {
    write(filter_.rest());
    write({});
}

void LogRelay::write(std::string_view bytes) {
    if (lost_ > 0) {
        const std::string notice =
            "\n[flotilla: " + std::to_string(lost_) + " bytes could not be written here]\n";
        const auto written = ::write(log_, notice.data(), notice.size());
        if (written < 0) {
            lose(bytes);
            return;
        }
        lost_ = 0;
    }
    while (!bytes.empty()) {
        const auto written = ::write(log_, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            lose(bytes);
            return;
        }
    }
}

void LogRelay::lose(std::string_view bytes) {
    lost_ += static_cast<std::int64_t>(bytes.size());
    lost_in_all_ += static_cast<std::int64_t>(bytes.size());
}

}  // namespace flotilla::launcher
