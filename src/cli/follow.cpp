#include "cli/follow.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/server_options.hpp"

namespace flotilla {

namespace {

using namespace std::chrono_literals;

constexpr auto shortest_pause = 200ms;
constexpr auto longest_pause = 1000ms;
constexpr int most_failures = 15;  ///< looks in a row that may find no server: some 15 seconds

/// The server cuts a page inside a line only if the line alone is longer than a page (1 MiB, less at most
/// three bytes of a character that does not fit).
bool ends_inside_a_line(const std::string& text) {
    constexpr std::size_t page = 1U << 20U;
    return text.size() + 3 >= page && text.find('\n') == std::string::npos;
}

}  // namespace

bool LogPrinter::drain() {
    bool printed = false;
    while (out_) {
        const auto part = client_.log(run_id_, last_seen_);
        may_grow_ = part.may_grow;
        const bool moved = !part.last_seen.empty() && part.last_seen != last_seen_;
        // no text and a token that moved is an empty line, but for the first token, which says "nothing yet"
        if (!part.text.empty() || (moved && !last_seen_.empty())) {
            print(part.text);
            printed = true;
        }
        if (!moved) {
            break;
        }
        last_seen_ = part.last_seen;
    }
    return printed;
}

void LogPrinter::print(const std::string& text) {
    out_ << text;
    if (!ends_inside_a_line(text)) {
        out_ << '\n';
    }
    out_.flush();
}

std::string goes_on(const std::string& run_id) {
    return fmt::format("run {0} goes on; follow it: flotilla logs -f {0}; stop it: flotilla stop {0}",
                       run_id);
}

std::optional<RunView> follow_run(ApiClient& client, const std::string& run_id, Surroundings& surroundings) {
    LogPrinter printer(client, run_id, surroundings.out);
    std::chrono::milliseconds pause = 0ms;
    int failures = 0;
    bool answered = false;
    while (surroundings.pause.wait(pause) == Pause::Outcome::over && surroundings.out) {
        try {
            // the status first: what was written before the end is then surely in the pages read after it
            auto run = read_run(client.run(run_id));
            const bool printed = printer.drain();
            if (run.is_stopped() && !printer.may_grow()) {
                return run;
            }
            pause = printed ? shortest_pause : std::clamp(pause * 3 / 2, shortest_pause, longest_pause);
            failures = 0;
            answered = true;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::unavailable || !answered || ++failures > most_failures) {
                throw;
            }
            pause = longest_pause;
        }
    }
    say(surroundings, goes_on(run_id));
    return std::nullopt;
}

}  // namespace flotilla
