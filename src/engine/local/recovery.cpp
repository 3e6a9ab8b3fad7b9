
#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "engine/local/local_engine.hpp"
#include "engine/local/pidfd.hpp"

namespace flotilla {

namespace {

/// Nothing if there is no such process.
std::optional<std::int64_t> start_ticks(std::int64_t pid) {
    const auto stat = read_file(fmt::format("/proc/{}/stat", pid));
    return stat ? launcher::parse_start_ticks(*stat) : std::nullopt;
}

}  // namespace

void LocalEngine::recover() {
    remove_strays();
    for (const AttemptName& name : list_run_folders(options_.data_dir)) {
        const RunFolder folder = folder_of(name);
        const auto submitted = folder.task();
        if (!submitted && !folder.started()) {
            host_.folders.retire(name);  // not created in full; whoever wants it to start makes another
        }
        if (!submitted || submitted->cluster != options_.cluster) {
            continue;
        }
        containers_.lock()->emplace(
            name, Container{.task = submitted->task, .gpus = submitted->gpus, .phase = Phase::adopting});
        if (host_.gpu_grants != nullptr && !submitted->gpus.empty()) {
            host_.gpu_grants->hold(name, submitted->gpus);
        }
        if (submitted->boot_id != boot_id_) {
            settle(name);
        } else {
            adopt(name);
        }
    }
}

/// Its lock tells whether anything of it is alive; its records tell the rest.
void LocalEngine::adopt(const AttemptName& name) {
    const RunFolder folder = folder_of(name);
    try {
        const UniqueFd lock = folder.try_lock();
        const auto started = folder.started();
        if (!lock) {
            if (started && !adopt_process(name, *started)) {
                log_debug("run {} is ending", name.text());
            }
            return;
        }
        if (started || folder.exit()) {
            settle(name);
            return;
        }
    } catch (const std::system_error& error) {
        end_without_start(name, ExitClass::engine_error, error.what());
        return;
    }
    if (is_stop_wanted(name)) {
        end_without_start(name, ExitClass::stopped_by_user, "stopped before it started");
    } else {
        begin_soon(name, Phase::adopting);
    }
}

/// They still lead to it: what an engine that died loses is its hold on them.
void LocalEngine::hold_ports_again(const AttemptName& name) {
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    if (options_.network != RunNetwork::private_network || found == containers->end()) {
        return;
    }
    try {
        found->second.ports = RunNetworks::hold(found->second.task.ports);
    } catch (const Error& error) {
        log_warning("run {}: {}", name.text(), error.what());
    }
}

bool LocalEngine::is_stop_wanted(const AttemptName& name) {
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    return found != containers->end() && found->second.stop_grace;
}

void LocalEngine::adopt_all() {
    std::vector<AttemptName> names;
    {
        auto containers = containers_.lock();
        for (const auto& [name, container] : *containers) {
            if (container.phase == Phase::adopting) {
                names.push_back(name);
            }
        }
    }
    for (const AttemptName& name : names) {
        adopt(name);
    }
}

/// False if it has ended meanwhile: then its lock is free in a moment.
bool LocalEngine::adopt_process(const AttemptName& name, const launcher::StartedRecord& started) {
    UniqueFd process = open_process(static_cast<pid_t>(started.pid));
    // Checked after the descriptor was opened: from then on it cannot come to mean another process.
    if (!process || start_ticks(started.pid) != started.start_ticks) {
        return false;
    }
    note_running(name, TimePoint(std::chrono::microseconds(started.at)), std::move(process));
    hold_ports_again(name);
    return true;
}

}  // namespace flotilla
