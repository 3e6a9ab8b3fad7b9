#include <chrono>

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.hpp"
#include "engine/local/local_engine.hpp"
#include "engine/local/pidfd.hpp"

namespace flotilla {

void LocalEngine::watch_use(const std::stop_token& stop) {
    constexpr std::chrono::seconds between_looks{1};
    constexpr std::chrono::hours between_idle_looks{1};
    Wake nobody;
    while (!stop.stop_requested()) {
        const auto names = running();
        look_at_disk(names);
        look_at_cpu(names);
        if (names.empty()) {
            use_wake_.wait(stop, between_idle_looks);
        } else {
            nobody.wait(stop, between_looks);  // one look is for all, also those that start meanwhile
        }
    }
}

std::vector<AttemptName> LocalEngine::running() {
    std::vector<AttemptName> names;
    auto containers = containers_.lock();
    for (const auto& [name, container] : *containers) {
        if (container.phase == Phase::running) {
            names.push_back(name);
        }
    }
    return names;
}

void LocalEngine::look_at_disk(const std::vector<AttemptName>& names) {
    const std::int64_t taken = bytes_taken(options_.data_dir);
    const auto now = std::chrono::steady_clock::now();
    for (const AttemptName& name : names) {
        {
            auto containers = containers_.lock();
            const auto found = containers->find(name);
            if (found == containers->end()) {
                continue;
            }
            if (!is_look_due(found->second.disk_use, options_.disk_limit, taken, now)) {
                continue;
            }
        }
        const std::int64_t bytes = bytes_on_disk(folder_of(name).path() / "upper");
        if (bytes > options_.disk_limit) {
            end_for_disk(name, bytes);
        }
        auto containers = containers_.lock();
        if (const auto found = containers->find(name); found != containers->end()) {
            found->second.disk_use = {bytes, taken, now};
        }
    }
}

void LocalEngine::end_for_disk(const AttemptName& name, std::int64_t bytes) {
    const LogScope scope{"run_id", name.run.value};
    constexpr double mebibyte = 1 << 20;
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    if (found == containers->end() || found->second.phase != Phase::running) {
        return;
    }
    folder_of(name).mark_over_disk(fmt::format(
        "out of disk: it had written {:.0f} MiB of the {:.0f} MiB that a run may (run.disk_limit)",
        static_cast<double>(bytes) / mebibyte, static_cast<double>(options_.disk_limit) / mebibyte));
    send_signal(found->second.process, SIGKILL);
    host_.cgroups.kill(name.text());
}

void LocalEngine::look_at_cpu(const std::vector<AttemptName>& names) {
    static const std::int64_t ticks_per_second = ::sysconf(_SC_CLK_TCK);
    for (const AttemptName& name : names) {
        const std::int64_t ticks = host_.cgroups.cpu_ticks(name.text());
        auto containers = containers_.lock();
        const auto found = containers->find(name);
        if (found != containers->end() && found->second.phase == Phase::running) {
            CpuUse& use = found->second.cpu_use;
            use = after_look(use, ticks, ticks_per_second, std::chrono::steady_clock::now());
        }
    }
}

}  // namespace flotilla
