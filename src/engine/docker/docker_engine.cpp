#include "engine/docker/docker_engine.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

/// More at once make none of them faster: the daemon is busy with its processors.
constexpr int starts_at_once = 4;
constexpr int pulls_at_once = 3;

SubmitOutcome accepted(const AttemptName& name) {
    return SubmitAccepted{"docker:" + name.text()};
}

}  // namespace

DockerEngine::DockerEngine(DockerEngineOptions options, DaemonAddress address, const DockerEngineParts& parts)
    : options_(std::move(options)),
      parts_(parts),
      daemon_(parts.http, std::move(address), parts.clock),
      folder_(attempts_folder(options_.data_dir, options_.container.cluster)),
      boot_id_(current_boot_id()),
      starts_(starts_at_once),
      pulls_(pulls_at_once) {
    std::filesystem::create_directories(folder_);
    for (SubmittedTask& submitted : take_stock(folder_)) {
        if (parts_.gpus != nullptr) {
            parts_.gpus->hold(submitted.task.name, submitted.gpus);
        }
        begin(std::move(submitted), true);
    }
    threads_.emplace_back([this](const std::stop_token& stop) { kill_overdue(stop); });
    threads_.emplace_back([this](const std::stop_token& stop) { remove_forgotten(stop); });
    threads_.emplace_back([this](const std::stop_token& stop) { look_around(stop); });
}

DockerEngine::~DockerEngine() {
    daemon_.cancel();
    for (std::jthread& thread : threads_) {
        thread.request_stop();
    }
    auto attempts = attempts_.lock();
    for (auto& [name, attempt] : *attempts) {
        attempt->give_up.request_stop();
        attempt->follow_no_more.request_stop();
        attempt->thread.request_stop();
    }
}

SubmitOutcome DockerEngine::submit(const Task& task) {
    if (!parse_image_reference(task.image)) {
        return Refused{ExitClass::rejected, fmt::format("\"{}\" is not an image reference", task.image)};
    }
    if (attempts_.lock()->contains(task.name)) {
        return accepted(task.name);
    }
    try {
        daemon_.expect_here();
    } catch (const Error& error) {
        return TryLater{error.what()};
    }
    auto gpus = grant_gpus(parts_.gpus, task);
    if (!gpus) {
        return NoRoom{{Scarce::gpu}, "GPUs of runs that have ended are not free yet"};
    }
    SubmittedTask submitted{task, options_.container.cluster, boot_id_, std::move(*gpus)};
    try {
        folder_of(task.name).create(submitted);
    } catch (const std::system_error& error) {
        release_gpus(parts_.gpus, task.name);
        return Refused{ExitClass::start_failed,
                       fmt::format("the run's folder cannot be written: {}", error.what())};
    }
    crash_point("docker.task_written");
    begin(std::move(submitted), false);
    return accepted(task.name);
}

std::optional<Observation> DockerEngine::inspect(const AttemptName& name) {
    auto attempts = attempts_.lock();
    const auto found = attempts->find(name);
    if (found == attempts->end()) {
        return std::nullopt;
    }
    const Attempt& attempt = *found->second;
    if (attempt.ended) {
        return *attempt.ended;
    }
    if (attempt.started) {
        return *attempt.started;
    }
    return NotStarted{attempt.waiting_for};
}

std::vector<EngineNews> DockerEngine::wait_for_news(std::stop_token stop, std::chrono::milliseconds timeout) {
    return news_.take(std::move(stop), timeout);
}

std::vector<AttemptName> DockerEngine::list() {
    auto attempts = attempts_.lock();
    std::vector<AttemptName> names;
    names.reserve(attempts->size());
    for (const auto& [name, attempt] : *attempts) {
        names.push_back(name);
    }
    return names;
}

std::optional<std::string> DockerEngine::trouble() {
    try {
        daemon_.ping();
        return std::nullopt;
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace flotilla
