#include "engine/local/local_engine.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

/// A launch is waiting for the most part: for the processes that are the container.
constexpr int launches_at_once = 8;

SubmitOutcome accepted(const AttemptName& name) {
    return SubmitAccepted{"local:" + name.text()};
}

}  // namespace

LocalEngine::LocalEngine(LocalEngineOptions options, LocalHost host)
    : options_(std::move(options)), host_(std::move(host)), boot_id_(current_boot_id()) {
    recover();
    threads_.emplace_back([this](const std::stop_token& stop) { watch_processes(stop); });
    for (int index = 0; index < launches_at_once; ++index) {
        threads_.emplace_back([this](const std::stop_token& stop) { launch_all(stop); });
    }
    constexpr int pulls_at_once = 3;
    for (int index = 0; index < pulls_at_once; ++index) {
        threads_.emplace_back([this](const std::stop_token& stop) { pull_images(stop); });
    }
    threads_.emplace_back([this](const std::stop_token& stop) { watch_use(stop); });
    threads_.emplace_back([this](const std::stop_token& stop) { keep_clean(stop); });
}

LocalEngine::~LocalEngine() {
    for (std::jthread& thread : threads_) {
        thread.request_stop();
    }
}

SubmitOutcome LocalEngine::submit(const Task& task) {
    if (!parse_image_reference(task.image)) {
        return Refused{ExitClass::rejected, fmt::format("\"{}\" is not an image reference", task.image)};
    }
    if (containers_.lock()->contains(task.name)) {
        return accepted(task.name);
    }
    const auto gpus = grant_gpus(host_.gpu_grants, task);
    if (!gpus) {
        return NoRoom{{Scarce::gpu}, "GPUs of runs that have ended are not free yet"};
    }
    if (!containers_.lock()->try_emplace(task.name, Container{.task = task, .gpus = *gpus}).second) {
        return accepted(task.name);
    }
    try {
        const RunFolder folder = folder_of(task.name);
        if (folder.started()) {
            // Its task was lost with a power failure, but it did start: it must not start again.
            settle(task.name);
            return accepted(task.name);
        }
        host_.folders.create({task, options_.cluster, boot_id_, *gpus});
    } catch (const std::system_error& error) {
        containers_.lock()->erase(task.name);
        release_gpus(host_.gpu_grants, task.name);
        return Refused{ExitClass::start_failed,
                       fmt::format("the run's folder cannot be written: {}", error.what())};
    }
    crash_point("local.task_written");
    begin_soon(task.name, Phase::accepted);
    return accepted(task.name);
}

void LocalEngine::stop(const AttemptName& name, std::chrono::seconds grace) {
    bool never_started = false;
    {
        auto containers = containers_.lock();
        const auto found = containers->find(name);
        if (found == containers->end() || found->second.phase == Phase::ended || found->second.stop_grace) {
            return;
        }
        Container& container = found->second;
        container.stop_grace = grace;
        never_started = container.phase == Phase::waiting || container.phase == Phase::accepted;
        if (never_started) {
            container.phase = Phase::launching;  // so that nobody else starts it
        } else if (container.phase == Phase::running) {
            ask_to_end(container);
        }
    }
    if (never_started) {
        end_without_start(name, ExitClass::stopped_by_user, "stopped before it started");
    }
    watch_.wake();
}

std::string LocalEngine::waiting_for_pull(const std::string& image) const {
    const auto name = parse_image_reference(image);
    const auto progress = name ? host_.images.progress(*name) : std::nullopt;
    return fmt::format("the pull of image {}{}", image,
                       progress ? fmt::format(" ({})", to_text(*progress)) : "");
}

std::optional<Observation> LocalEngine::inspect(const AttemptName& name) {
    auto containers = containers_.lock();
    const auto found = containers->find(name);
    if (found == containers->end()) {
        return std::nullopt;
    }
    const Container& container = found->second;
    switch (container.phase) {
        case Phase::waiting:
            return NotStarted{waiting_for_pull(container.task.image)};
        case Phase::accepted:
        case Phase::launching:
        case Phase::adopting:
            return NotStarted{"its container to start"};
        case Phase::running:
            return container.started.value();
        case Phase::ended:
            return container.ended.value();
    }
    return std::nullopt;
}

std::vector<EngineNews> LocalEngine::wait_for_news(std::stop_token stop, std::chrono::milliseconds timeout) {
    return news_.take(std::move(stop), timeout);
}

void LocalEngine::forget(const AttemptName& name) {
    const LogScope scope{"run_id", name.run.value};
    {
        auto containers = containers_.lock();
        const auto found = containers->find(name);
        if (found == containers->end()) {
            return;
        }
        if (found->second.phase != Phase::ended) {
            log_warning("run {} is not forgotten: it is still alive", name.text());
            return;
        }
        Container& container = found->second;
        if (options_.network == RunNetwork::private_network) {
            host_.networks.close(container.task.ports);
        }
        if (container.task.ports.empty()) {
            host_.networks.give_back(options_.network, std::move(container.network));
        }
        containers->erase(found);
    }
    release_gpus(host_.gpu_grants, name);
    forgotten_.lock()->push_back(name);
    clean_wake_.notify();
}

std::vector<AttemptName> LocalEngine::list() {
    auto containers = containers_.lock();
    std::vector<AttemptName> names;
    names.reserve(containers->size());
    for (const auto& [name, container] : *containers) {
        names.push_back(name);
    }
    return names;
}

Started LocalEngine::started_at(std::int64_t microseconds) const {
    return {TimePoint(std::chrono::microseconds(microseconds)), options_.instance};
}

}  // namespace flotilla
