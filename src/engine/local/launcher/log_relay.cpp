#include "engine/local/launcher/log_relay.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace flotilla::launcher {

LogRelay::LogRelay(int pipe, int log, int folder, LogRules rules)
    : pipe_(pipe), mask_(std::move(rules.masked)), log_(log, {folder, "log.end"}, rules.limit) {
    ::fcntl(pipe_, F_SETFL, O_NONBLOCK);
}

bool LogRelay::pump() {
    static char buffer[65536];
    const auto count = ::read(pipe_, buffer, sizeof buffer);
    if (count <= 0) {
        at_end_ = count == 0 || (errno != EAGAIN && errno != EINTR);
        return count < 0 && errno == EINTR;
    }
    const auto shown = mask_.pass({buffer, static_cast<std::size_t>(count)});
    if (!shown.empty()) {
        write(shown);
    }
    return true;
}

void LogRelay::finish() {
    write(mask_.rest());
    // What could not be written up to now came after all that waits.
    const auto lost_at_the_end = std::exchange(lost_, 0);
    for (auto piece = log_.rest(); !piece.empty(); piece = log_.rest()) {
        write(piece);
    }
    lost_ += lost_at_the_end;
    write({});
    lost_in_all_ += log_.left();
}

void LogRelay::write(std::string_view bytes) {
    if (lost_ > 0) {
        const std::string notice =
            "\n[flotilla: " + std::to_string(lost_) + " bytes could not be written here]\n";
        if (log_.write(notice) < notice.size()) {
            lose(bytes);
            return;
        }
        lost_ = 0;
    }
    lose(bytes.substr(log_.write(bytes)));
}

void LogRelay::lose(std::string_view bytes) {
    lost_ += static_cast<std::int64_t>(bytes.size());
    lost_in_all_ += static_cast<std::int64_t>(bytes.size());
}

}  // namespace flotilla::launcher
