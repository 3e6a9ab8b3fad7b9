#include "worker/host_worker.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/time_text.hpp"

namespace flotilla {

namespace {

constexpr std::int64_t most_at_once = 100;

}  // namespace

bool HostWorker::step(const std::stop_token& stop) {
    clock_.look();
    beat();
    for (const HostEntry& host : hosts_.silent(options_.lost_after)) {
        if (stop.stop_requested()) {
            break;
        }
        if (host.id != options_.id) {
            give_up(host);
        }
    }
    return false;
}

std::chrono::microseconds HostWorker::rest() {
    return std::clamp<std::chrono::microseconds>(options_.lost_after / 10, std::chrono::milliseconds{200},
                                                 std::chrono::seconds{5});
}

void HostWorker::beat() {
    if (is_taken_) {
        return;
    }
    const auto before = Fence::now();
    switch (hosts_.beat(options_.id, options_.incarnation)) {
        case HostState::known:
            break;
        case HostState::lost:
            log_warning(
                "this host was not heard of for so long that the other servers gave it up: its runs have "
                "ended, and what is left of them here is removed");
            for (Wake* wake : on_return_) {
                wake->notify();
            }
            break;
        case HostState::taken:
            log_error(
                "another server has the id of this data folder, which was copied: this one starts no more "
                "runs; remove the file host_id from the copy and start it again");
            is_taken_ = true;
            fence_.close();
            return;
    }
    // Clocks may go a little faster or slower than the database's.
    fence_.keep_open_until(before + options_.lost_after * 9 / 10);
}

void HostWorker::give_up(const HostEntry& host) {
    const auto now = clock_.now();
    const Ended end{
        now, std::nullopt, ExitClass::host_lost,
        fmt::format("its host {} was not heard of for {}", host.address, duration_text(options_.lost_after)),
        RetryTerms{options_.retry, now, random_.unit()}};
    std::size_t count = 0;
    for (auto some = hosts_.give_up(host.id, options_.lost_after, end, most_at_once); !some.empty();
         some = hosts_.give_up(host.id, options_.lost_after, end, most_at_once)) {
        count += some.size();
    }
    if (!host.is_lost || count > 0) {
        log_warning("host {} was not heard of for {} and is given up with {} runs", host.address,
                    duration_text(options_.lost_after), count);
    }
}

}  // namespace flotilla
