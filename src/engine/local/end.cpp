#include <algorithm>
#include <system_error>
#include <utility>

#include <signal.h>

#include "base/log.hpp"
#include "engine/job_end.hpp"
#include "engine/local/ending.hpp"
#include "engine/local/local_engine.hpp"
#include "engine/local/pidfd.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

/// Ends an attempt whose job was never executed. The record keeps the next engine from starting it.
void LocalEngine::end_without_start(const AttemptName& name, ExitClass exit_class,
                                    const std::string& reason) {
    const LogScope scope{"run_id", name.run.value};
    const TimePoint now = host_.clock.now();
    launcher::ExitRecord record;
    record.at = now.time_since_epoch().count();
    record.exit_class = to_string(exit_class);
    record.reason = reason;
    try {
        folder_of(name).write_exit(record);
    } catch (const std::system_error& error) {
        log_warning("the end of run {} cannot be recorded: {}", name.text(), error.what());
    }
    note_ended(name, std::nullopt, {.at = now, .exit_code = {}, .exit_class = exit_class, .reason = reason});
}

/// Reads from what is left of it how an attempt ended, of which nothing is alive any more.
void LocalEngine::settle(const AttemptName& name) {
    const LogScope scope{"run_id", name.run.value};
    const RunFolder folder = folder_of(name);
    Remains remains;
    std::optional<launcher::StartedRecord> started;
    try {
        remains.exit = folder.exit();
        started = folder.started();
        if (!remains.exit) {
            // Its init was killed; the kernel may still be at killing the rest.
            host_.cgroups.kill(name.text());
        }
        const auto submitted = folder.task();
        remains.was_started = started.has_value();
        remains.was_killed = folder.is_killed();
        remains.over_disk = folder.over_disk();
        remains.host_restarted = !submitted || submitted->boot_id != boot_id_;
        remains.memory_use = host_.cgroups.memory_use(name.text());
        remains.memory = submitted ? submitted->task.memory : 0;
        // What a job with secrets printed last may be one of them, and an end is stored and answered.
        const bool may_quote = submitted && submitted->task.secrets.empty();
        if (may_quote && remains.exit && remains.exit->code.value_or(0) != 0) {
            remains.last_log_line = last_line(log_path(options_.data_dir, name.run, name.number));
        }
    } catch (const std::exception& error) {
        log_warning("what is left of run {} cannot be read: {}", name.text(), error.what());
    }
    remains.found_at = host_.clock.now();
    if (started) {
        remains.started_at = started_at(started->at).at;
    }
    remains.max_cpu = max_cpu_of(name);
    // Where init itself says that the job was not executed, it did not start.
    const bool executed = !remains.exit || remains.exit->code;
    Ended end = how_it_ended(remains);
    if (executed) {
        end.use = what_it_used(remains);
    }
    note_ended(name, executed ? started : std::nullopt, std::move(end));
}

std::optional<std::int64_t> LocalEngine::max_cpu_of(const AttemptName& name) {
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    return found == containers->end() ? std::nullopt : found->second.cpu_use.most;
}

void LocalEngine::note_ended(const AttemptName& name, const std::optional<launcher::StartedRecord>& started,
                             Ended ended) {
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    if (found == containers->end() || found->second.phase == Phase::ended) {
        return;
    }
    Container& container = found->second;
    if (!container.started && started) {
        container.started = started_at(started->at);
        news_.put(name, *container.started);
    }
    if (container.started) {
        ended.started = container.started;
    }
    container.phase = Phase::ended;
    container.process.reset();
    container.kill_at.reset();
    container.ended = ended;
    news_.put(name, std::move(ended));
}

void LocalEngine::ask_to_end(Container& container) {
    send_signal(container.process, SIGTERM);
    container.kill_at = std::chrono::steady_clock::now() + container.stop_grace.value();
}

std::chrono::milliseconds LocalEngine::time_to_next_check() {
    using std::chrono::milliseconds;
    constexpr milliseconds longest{60'000};
    constexpr milliseconds while_adopting{20};
    const auto now = std::chrono::steady_clock::now();
    auto left = longest;
    auto containers = containers_.lock();
    for (const auto& [name, container] : *containers) {
        if (container.phase == Phase::adopting) {
            left = std::min(left, while_adopting);
        }
        if (container.kill_at) {
            left = std::min(left, std::chrono::ceil<milliseconds>(*container.kill_at - now));
        }
    }
    return std::max(left, milliseconds{0});
}

void LocalEngine::kill_overdue() {
    const auto now = std::chrono::steady_clock::now();
    auto containers = containers_.lock();
    for (auto& [name, container] : *containers) {
        if (!container.kill_at || *container.kill_at > now) {
            continue;
        }
        container.kill_at.reset();
        const LogScope scope{"run_id", name.run.value};
        try {
            folder_of(name).mark_killed();
        } catch (const std::system_error& error) {
            log_warning("the end of the grace period of run {} cannot be recorded: {}", name.text(),
                        error.what());
        }
        send_signal(container.process, SIGKILL);
        host_.cgroups.kill(name.text());
    }
}

void LocalEngine::watch_processes(const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { watch_.wake(); });
    while (!stop.stop_requested()) {
        for (const AttemptName& name : watch_.wait(time_to_next_check())) {
            settle(name);
        }
        kill_overdue();
        adopt_all();
    }
}

}  // namespace flotilla
