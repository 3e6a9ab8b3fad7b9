#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"
#include "engine/docker/container_end.hpp"
#include "engine/docker/docker_engine.hpp"
#include "engine/docker/log_copy.hpp"
#include "engine/job_end.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace {

/// Before a daemon that gave no answer is asked again.
constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{5'000};

}  // namespace

void DockerEngine::begin(SubmittedTask submitted, bool was_found) {
    const AttemptName name = submitted.task.name;
    auto attempts = attempts_.lock();
    const auto [at, is_new] = attempts->try_emplace(name);
    if (is_new) {
        at->second = std::make_unique<Attempt>(std::move(submitted));
        Attempt& attempt = *at->second;
        attempt.was_found = was_found;
        attempt.thread =
            std::jthread([this, &attempt](const std::stop_token& stop) { carry(attempt, stop); });
    }
}

void DockerEngine::carry(Attempt& attempt, const std::stop_token& stop) {
    const AttemptName& name = attempt.submitted.task.name;
    const LogScope scope{"run_id", name.run.value};
    std::string last_trouble;
    for (auto wait = first_pause; !stop.stop_requested(); wait = std::min(wait * 2, longest_pause)) {
        try {
            if (auto ended = attend(attempt)) {
                note_ended(attempt, std::move(*ended));
                return;
            }
            wait = first_pause;
        } catch (const std::exception& error) {
            if (!stop.stop_requested() && error.what() != last_trouble) {
                last_trouble = error.what();
                log_warning("run {}: {}; it is tried again", name.text(), last_trouble);
            }
            note_waiting(attempt, "the Docker daemon");
        }
        attempt.wake.wait(stop, wait);
    }
}

std::optional<Ended> DockerEngine::attend(Attempt& attempt) {
    const Task& task = attempt.submitted.task;
    const std::string name = container_name(task.name);
    const AttemptFolder folder = folder_of(task.name);
    if (auto end = folder.end()) {
        return end;
    }
    if (!folder.is_created()) {
        if (auto end = create(attempt)) {
            return end;
        }
        if (!folder.is_created()) {
            return std::nullopt;
        }
    }
    auto state = attempt.is_just_made ? ContainerState{} : daemon_.inspect(name);
    if (state && state->phase == ContainerState::Phase::created) {
        if (auto end = start(attempt)) {
            return end;
        }
        state = daemon_.inspect(name);
    }
    if (!state) {
        return lost(folder, "the job's container was removed from outside, so how the job ended is unknown");
    }
    return state->phase == ContainerState::Phase::created ? std::nullopt : follow(attempt, std::move(*state));
}

/// Its container is gone, or what became of it. One that may have started counts as started, so that nobody
/// tries it again.
Ended DockerEngine::lost(const AttemptFolder& folder, const std::string& reason) {
    const TimePoint now = parts_.clock.now();
    return {.at = now,
            .exit_code = {},
            .exit_class = ExitClass::host_lost,
            .reason = reason,
            .started = folder.is_starting() ? std::optional(Started{now, options_.instance}) : std::nullopt};
}

/// Of a container that has started: copies its log until it has ended.
std::optional<Ended> DockerEngine::follow(Attempt& attempt, ContainerState state) {
    const Task& task = attempt.submitted.task;
    const std::string name = container_name(task.name);
    const auto path = log_path(options_.data_dir, task.name.run, task.name.number);
    note_started(attempt, state);
    bool is_copied = false;
    if (state.phase == ContainerState::Phase::running) {
        const auto longest = std::exchange(attempt.first_look, std::chrono::milliseconds{0});
        LogCopy copy(path, {.limit = options_.log_limit, .masked = state.masked}, daemon_.gives_timed_logs());
        daemon_.follow_log(
            name, longest,
            [&](std::string_view stream) {
                attempt.followed += static_cast<std::int64_t>(stream.size());
                copy.take(stream);
            },
            attempt.follow_no_more.get_token());
        auto after = daemon_.inspect(name);
        if (!after || after->phase != ContainerState::Phase::ended) {
            return std::nullopt;  // gone, or the stream ended before the container
        }
        state = std::move(*after);
        // A stream that follows may lack the end.
        is_copied = copy.take_end(daemon_.end_of_log(name, LogCopy::most_of_the_end));
        if (is_copied) {
            copy.finish();
        }
    }
    if (!is_copied) {
        read_log(attempt, state);
    }
    crash_point("docker.log_copied");
    return end_of(attempt, state);
}

/// Of a container that has ended: copies all of its log.
void DockerEngine::read_log(const Attempt& attempt, const ContainerState& state) {
    const AttemptName& name = attempt.submitted.task.name;
    LogCopy copy(log_path(options_.data_dir, name.run, name.number),
                 {.limit = options_.log_limit, .masked = state.masked}, daemon_.gives_timed_logs());
    daemon_.read_log(container_name(name), [&](std::string_view stream) { copy.take(stream); });
    copy.finish();
}

/// A daemon that remembers making a container has lived all its time, so it ended nothing by going away.
bool DockerEngine::may_the_daemon_have_ended_it(const Attempt& attempt, const ContainerState& state) {
    if (!may_be_the_daemons_doing(state)) {
        return false;
    }
    const bool is_here = daemon_.address().host.empty();
    if (is_here && attempt.submitted.boot_id != boot_id_) {
        return true;
    }
    const bool may_have_been_away =
        attempt.was_found || daemon_.was_away_at(state.finished_at.value_or(parts_.clock.now()));
    return may_have_been_away && !daemon_.remembers_making(container_name(attempt.submitted.task.name));
}

Ended DockerEngine::end_of(const Attempt& attempt, const ContainerState& state) {
    const Task& task = attempt.submitted.task;
    const auto path = log_path(options_.data_dir, task.name.run, task.name.number);
    const std::string last_log_line = state.exit_code != 0 ? last_line(path) : "";
    std::error_code none;
    ContainerRemains remains{
        .state = state,
        .is_stopped = folder_of(task.name).is_stopped(),
        .daemon_was_away = may_the_daemon_have_ended_it(attempt, state),
        .memory = task.memory,
        .last_log_line = last_log_line,
        .is_only_log_line = std::filesystem::file_size(path, none) <= last_log_line.size() + 1,
        .may_quote_log = task.secrets.empty(),
        .found_at = parts_.clock.now(),
    };
    return how_it_ended(remains);
}

void DockerEngine::note_started(Attempt& attempt, const ContainerState& state) {
    const AttemptName& name = attempt.submitted.task.name;
    bool is_unwanted = false;
    {
        const auto attempts = attempts_.lock();
        if (!attempt.started) {
            attempt.started = Started{state.started_at.value_or(parts_.clock.now()), options_.instance};
            news_.put(name, *attempt.started);
        }
        is_unwanted = attempt.stop_grace && !attempt.kill_at;
    }
    if (is_unwanted && state.phase == ContainerState::Phase::running) {
        ask_to_end(name);
    }
}

void DockerEngine::note_ended(Attempt& attempt, Ended ended) {
    release_gpus(parts_.gpus, attempt.submitted.task.name);
    const auto attempts = attempts_.lock();
    if (attempt.started && ended.exit_class != ExitClass::rejected) {
        ended.at = std::max(ended.at, attempt.started->at);
        ended.started = attempt.started;
    }
    attempt.kill_at.reset();
    attempt.ended = ended;
    news_.put(attempt.submitted.task.name, std::move(ended));
}

void DockerEngine::note_waiting(Attempt& attempt, const std::string& waiting_for) {
    const auto attempts = attempts_.lock();
    attempt.waiting_for = waiting_for;
}

}  // namespace flotilla
