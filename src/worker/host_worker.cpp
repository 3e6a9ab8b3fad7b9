#include "worker/host_worker.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/time_text.hpp"

namespace flotilla {

namespace {

constexpr std::int64_t most_given_up_at_once = 100;

/// How often a host says that it is there.
std::chrono::microseconds beat_of(std::chrono::microseconds lost_after) {
    return std::clamp<std::chrono::microseconds>(lost_after / 10, std::chrono::milliseconds{200},
                                                 std::chrono::seconds{5});
}

}  // namespace

bool HostWorker::step(const std::stop_token& stop) {
    clock_.look();
    beat();
    const auto silent = hosts_.silent(options_.lost_after);
    std::erase_if(silences_, [&](const auto& known) {
        return std::ranges::none_of(silent, [&](const HostEntry& host) { return host.id == known.first; });
    });
    for (const HostEntry& host : silent) {
        if (stop.stop_requested()) {
            break;
        }
        if (host.id != options_.id && stays_silent(host)) {
            give_up(host);
        }
    }
    return false;
}

std::chrono::microseconds HostWorker::rest() {
    return beat_of(options_.lost_after);
}

std::chrono::microseconds HostWorker::lease_of(const HostEntry& host) const {
    return host.lost_after.count() > 0 ? host.lost_after : options_.lost_after;
}

bool HostWorker::stays_silent(const HostEntry& host) {
    constexpr int beats = 3;
    Silence& known = silences_.try_emplace(host.id, Silence{host.seen_at, clock_.elapsed()}).first->second;
    if (known.seen_at != host.seen_at) {
        known = {host.seen_at, clock_.elapsed()};
    }
    return clock_.elapsed() - known.since >= beats * beat_of(lease_of(host));
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
        fmt::format("its host {} was not heard of for {}", host.address, duration_text(lease_of(host))),
        RetryTerms{options_.retry, now, random_.unit()}};
    std::size_t count = 0;
    for (auto some = hosts_.give_up(host, end, most_given_up_at_once); !some.empty();
         some = hosts_.give_up(host, end, most_given_up_at_once)) {
        count += some.size();
    }
    if (!host.is_lost || count > 0) {
        log_warning("host {} was not heard of for {} and is given up with {} runs", host.address,
                    duration_text(lease_of(host)), count);
    }
}

}  // namespace flotilla
