#include <algorithm>
#include <chrono>
#include <utility>

#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "engine/docker/docker_engine.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_after_failure{1'000};

}  // namespace

void DockerEngine::stop(const AttemptName& name, std::chrono::seconds grace) {
    bool is_to_be_asked = false;
    {
        auto attempts = attempts_.lock();
        const auto found = attempts->find(name);
        if (found == attempts->end() || found->second->ended) {
            return;
        }
        Attempt& attempt = *found->second;
        if (!attempt.stop_grace) {
            attempt.stop_grace = grace;
        }
        if (!attempt.started) {
            attempt.give_up.request_stop();
            attempt.wake.notify();
        }
        is_to_be_asked = attempt.started && !attempt.kill_at;
    }
    if (is_to_be_asked) {
        ask_to_end(name);
    }
}

void DockerEngine::ask_to_end(const AttemptName& name) {
    const AttemptFolder folder = folder_of(name);
    const bool was_asked = folder.is_stopped();
    folder.mark_stopped();
    crash_point("docker.stop_noted");
    if (!daemon_.kill(container_name(name), "SIGTERM")) {
        if (!was_asked) {
            folder.unmark_stopped();  // it has ended by itself
        }
        return;
    }
    crash_point("docker.stop_asked");
    {
        auto attempts = attempts_.lock();
        const auto found = attempts->find(name);
        if (found == attempts->end() || found->second->ended || !found->second->stop_grace) {
            return;
        }
        found->second->kill_at = steady_clock::now() + *found->second->stop_grace;
    }
    kill_wake_.notify();
}

void DockerEngine::kill_overdue(const std::stop_token& stop) {
    constexpr std::chrono::microseconds longest = std::chrono::hours{1};
    while (!stop.stop_requested()) {
        auto rest = longest;
        std::vector<AttemptName> due;
        {
            const auto now = steady_clock::now();
            auto attempts = attempts_.lock();
            for (auto& [name, attempt] : *attempts) {
                if (attempt->kill_at && *attempt->kill_at <= now) {
                    attempt->kill_at = now + pause_after_failure;  // again, if it is not gone by then
                    due.push_back(name);
                }
                if (attempt->kill_at) {
                    rest =
                        std::min(rest, std::chrono::ceil<std::chrono::microseconds>(*attempt->kill_at - now));
                }
            }
        }
        for (const AttemptName& name : due) {
            const LogScope scope{"run_id", name.run.value};
            try {
                (void)daemon_.kill(container_name(name), "SIGKILL");
            } catch (const Error& error) {
                log_warning("run {} cannot be killed: {}", name.text(), error.what());
            }
        }
        kill_wake_.wait(stop, rest);
    }
}

void DockerEngine::forget(const AttemptName& name) {
    const LogScope scope{"run_id", name.run.value};
    {
        auto attempts = attempts_.lock();
        const auto found = attempts->find(name);
        if (found == attempts->end()) {
            return;
        }
        if (!found->second->ended) {
            log_warning("run {} is not forgotten: it is still alive", name.text());
            return;
        }
        forgotten_.lock()->push_back(std::move(found->second));
        attempts->erase(found);
    }
    forgotten_wake_.notify();
}

/// A container that cannot be removed now is tried again; should this engine end before, the next one finds
/// its folder, tells its end again and has it forgotten again.
void DockerEngine::remove_forgotten(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::unique_ptr<Attempt> next;
        if (auto forgotten = forgotten_.lock(); !forgotten->empty()) {
            next = std::move(forgotten->front());
            forgotten->pop_front();
        }
        if (!next) {
            forgotten_wake_.wait(stop, std::chrono::hours{1});
            continue;
        }
        const AttemptName& name = next->submitted.task.name;
        const LogScope scope{"run_id", name.run.value};
        try {
            crash_point("docker.before_remove");
            daemon_.remove(container_name(name));
            crash_point("docker.container_removed");
            folder_of(name).remove();
            if (parts_.finished_logs != nullptr) {
                parts_.finished_logs->add(log_path(options_.data_dir, name.run, name.number));
            }
        } catch (const std::exception& error) {
            log_debug("run {} cannot be removed now: {}", name.text(), error.what());
            forgotten_.lock()->push_back(std::move(next));
            forgotten_wake_.wait(stop, pause_after_failure);
        }
    }
}

}  // namespace flotilla
