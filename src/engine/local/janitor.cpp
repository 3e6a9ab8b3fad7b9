#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "engine/local/local_engine.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::hours between_cleanings{1};

}  // namespace

void LocalEngine::keep_clean(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        take_away_forgotten();
        const auto now = std::chrono::steady_clock::now();
        if (now - cleaned_at_ >= between_cleanings) {
            cleaned_at_ = now;
            remove_strays();
            renew_network();
        }
        clean_wake_.wait(stop, between_cleanings);
    }
    take_away_forgotten();
}

/// Cgroups of which the run has no folder any more.
void LocalEngine::remove_strays() {
    // In this order: a cgroup that is being made for a new run has a folder already.
    const std::vector<std::string> names = host_.cgroups.names();
    for (const std::string& name : names) {
        if (!std::filesystem::exists(options_.data_dir / "runs" / name)) {
            log_info("what is left of {} is removed", name);
            host_.cgroups.remove(name);
        }
    }
}

/// Somebody may have flushed the packet filter.
void LocalEngine::renew_network() {
    try {
        host_.networks.renew();
    } catch (const Error& error) {
        log_warning("the rules of private networks cannot be renewed: {}", error.what());
    }
}

void LocalEngine::take_away_forgotten() {
    for (;;) {
        AttemptName next;
        {
            auto forgotten = forgotten_.lock();
            if (forgotten->empty()) {
                return;
            }
            next = std::move(forgotten->front());
            forgotten->pop_front();
        }
        take_away(next);
    }
}

/// The folder last: as long as it is there, the next engine finds what else there is.
void LocalEngine::take_away(const AttemptName& name) {
    const LogScope scope{"run_id", name.run.value};
    if (!host_.cgroups.remove(name.text())) {
        log_warning("the cgroup of run {} cannot be removed: it is not empty", name.text());
    }
    crash_point("local.before_retire");
    host_.folders.retire(name);
    crash_point("local.retired");
    if (host_.finished_logs != nullptr) {
        host_.finished_logs->add(log_path(options_.data_dir, name.run, name.number));
    }
}

}  // namespace flotilla
