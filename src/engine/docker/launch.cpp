#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "engine/docker/docker_engine.hpp"
#include "engine/docker/registry_credentials.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::milliseconds image_timeout{10'000};

/// Whether the daemon refused for what the definition or the image asks, so that every try ends alike.
bool is_the_jobs_fault(const DaemonRefusal& refusal) {
    constexpr std::array words{"unable to find user", "unable to find group", "no matching entries",
                               "not a directory"};
    return refusal.status == 400 || std::ranges::any_of(words, [&](const char* some) {
               return refusal.message.find(some) != std::string::npos;
           });
}

/// What the daemon says, and what its words hide from who does not know it.
std::string words_of(const DaemonRefusal& refusal) {
    const bool has_no_gpus = refusal.message.find("could not select device driver") != std::string::npos;
    return refusal.message + (has_no_gpus ? "; its host needs the NVIDIA Container Toolkit for GPUs" : "");
}

ExitClass class_of(const DaemonRefusal& refusal) {
    return is_the_jobs_fault(refusal) ? ExitClass::rejected : ExitClass::start_failed;
}

}  // namespace

bool DockerEngine::is_stop_wanted(const Attempt& attempt) {
    const auto attempts = attempts_.lock();
    return attempt.stop_grace.has_value();
}

/// The record keeps the next engine from starting it.
Ended DockerEngine::end_without_start(const Task& task, ExitClass exit_class, const std::string& reason) {
    Ended end{.at = parts_.clock.now(), .exit_code = {}, .exit_class = exit_class, .reason = reason};
    folder_of(task.name).write_end(end);
    return end;
}

/// Makes the container, or finds that it was made.
std::optional<Ended> DockerEngine::create(Attempt& attempt) {
    const Task& task = attempt.submitted.task;
    if (is_stop_wanted(attempt)) {
        return end_without_start(task, ExitClass::stopped_by_user, "stopped before it started");
    }
    const auto image = have_image(attempt);
    if (const auto* const end = std::get_if<Ended>(&image)) {
        return *end;
    }
    std::vector<SecretVariable> secrets;
    try {
        for (SecretValues& source : parts_.secrets) {
            auto some = source.values_for(task);
            std::move(some.begin(), some.end(), std::back_inserter(secrets));
        }
    } catch (const Error& error) {
        return end_without_start(task, ExitClass::start_failed, error.what());
    }
    if (const auto mistake = container_mistake(task, secrets)) {
        return end_without_start(task, ExitClass::rejected, *mistake);
    }
    if (!attempt.submitted.gpus.empty() && daemon_.kind() == DaemonKind::podman) {
        // It takes the request and gives nothing (4.3).
        return end_without_start(task, ExitClass::rejected,
                                 "Podman's service hands out no GPUs; Docker does");
    }
    note_waiting(attempt, "its turn to start");
    const auto place = starts_.take(attempt.give_up.get_token());
    if (is_stop_wanted(attempt)) {
        return end_without_start(task, ExitClass::stopped_by_user, "stopped before it started");
    }
    if (!place) {
        return std::nullopt;
    }
    note_waiting(attempt, "its container to start");
    const bool is_private = options_.container.network == ContainerNetwork::own;
    const std::string network = is_private ? daemon_.ensure_private_network() : "";
    const auto outcome = daemon_.create(
        container_name(task.name), container_body(attempt.submitted, std::get<std::string>(image), secrets,
                                                  options_.container, daemon_.kind(), network));
    if (const auto* const refusal = std::get_if<DaemonRefusal>(&outcome)) {
        return end_without_start(task, class_of(*refusal),
                                 fmt::format("the container cannot be made: {}", words_of(*refusal)));
    }
    if (!std::holds_alternative<ImageMissing>(outcome)) {
        crash_point("docker.container_made");
        folder_of(task.name).mark_created();
        crash_point("docker.making_noted");
    }
    if (std::holds_alternative<ImageMissing>(outcome)) {
        forget_image(std::get<std::string>(image));
    }
    attempt.is_just_made = std::holds_alternative<ContainerMade>(outcome);
    return std::nullopt;
}

/// Of a container that was made and has not started.
std::optional<Ended> DockerEngine::start(Attempt& attempt) {
    const Task& task = attempt.submitted.task;
    const std::string name = container_name(task.name);
    const auto place = starts_.take(attempt.give_up.get_token());
    if (is_stop_wanted(attempt)) {
        return end_without_start(task, ExitClass::stopped_by_user, "stopped before it started");
    }
    if (!place) {
        return std::nullopt;
    }
    if (!std::exchange(attempt.is_just_made, false)) {
        // Asked again here, just before: to start one that has ended would start it a second time.
        const auto state = daemon_.inspect(name);
        if (!state || state->phase != ContainerState::Phase::created) {
            return std::nullopt;
        }
    }
    const AttemptFolder folder = folder_of(task.name);
    if (folder.is_starting() && !daemon_.remembers_making(name)) {
        // A daemon that is killed while it starts a container forgets that it did.
        return lost(folder,
                    "the Docker daemon went away while it started the container, so whether the job "
                    "began is unknown");
    }
    if (parts_.fence != nullptr && !parts_.fence->is_open()) {
        return end_without_start(task, ExitClass::start_failed,
                                 "this host could not tell the others for too long that it is there");
    }
    folder.mark_starting();
    crash_point("docker.start_noted");
    const auto refusal = daemon_.start(name);
    crash_point("docker.started");
    const auto after = refusal ? daemon_.inspect(name) : std::nullopt;
    if (refusal && after && after->phase == ContainerState::Phase::created) {
        return end_without_start(task, class_of(*refusal),
                                 fmt::format("the container cannot be started: {}", words_of(*refusal)));
    }
    return std::nullopt;
}

/// The id of the image that the daemon has. Which one a digest means: an image that came from a registry is
/// known by its manifest's, one that was imported has its id alone.
std::optional<std::string> DockerEngine::find_image(const Task& task, const ImageReference& name) {
    auto image = daemon_.find_image(name.text(), image_timeout);
    if (!image && !task.image_digest.empty()) {
        image = daemon_.find_image(task.image_digest, image_timeout);
    }
    if (!image) {
        return std::nullopt;
    }
    remember_image(name, image->id);
    return std::move(image->id);
}

std::optional<std::string> DockerEngine::image_had_before(const ImageReference& name) {
    auto images = images_.lock();
    const auto found = images->find(name.text());
    return found != images->end() ? std::optional(found->second) : std::nullopt;
}

void DockerEngine::remember_image(const ImageReference& name, const std::string& id) {
    constexpr std::size_t most = 1'000;
    if (name.digest.empty()) {
        return;  // a tag may mean another one next time
    }
    auto images = images_.lock();
    if (images->size() >= most) {
        images->clear();
    }
    images->insert_or_assign(name.text(), id);
}

void DockerEngine::forget_image(const std::string& id) {
    std::erase_if(*images_.lock(), [&](const auto& image) { return image.second == id; });
}

/// An image that the daemon has not is pulled first.
std::variant<std::string, Ended> DockerEngine::have_image(Attempt& attempt) {
    const Task& task = attempt.submitted.task;
    ImageReference name = parse_image_reference(task.image).value();
    if (!task.image_digest.empty()) {
        name.digest = task.image_digest;
    }
    if (auto id = image_had_before(name)) {
        return std::move(*id);
    }
    if (auto id = find_image(task, name)) {
        return std::move(*id);
    }
    note_waiting(attempt, fmt::format("the pull of image {}", task.image));
    const auto place = pulls_.take(attempt.give_up.get_token());
    if (place) {
        if (auto id = find_image(task, name)) {  // somebody else has pulled it
            return std::move(*id);
        }
        const auto failure = pull(attempt, name);
        if (failure && !attempt.give_up.stop_requested()) {
            const bool is_denied = std::holds_alternative<PullDenied>(*failure);
            return end_without_start(task,
                                     is_denied ? ExitClass::image_not_found : ExitClass::image_unavailable,
                                     reason_of(*failure));
        }
    }
    if (is_stop_wanted(attempt)) {
        return end_without_start(task, ExitClass::stopped_by_user, "stopped before it started");
    }
    if (auto id = find_image(task, name)) {
        return std::move(*id);
    }
    throw unavailable("the Docker daemon does not have image {}", task.image);
}

std::optional<PullFailure> DockerEngine::pull(Attempt& attempt, const ImageReference& image) {
    const std::string& name = attempt.submitted.task.image;
    const auto begin = std::chrono::steady_clock::now();
    std::optional<PullFailure> failure;
    try {
        failure = daemon_.pull(
            image, registry_authorization(options_.auth_file, image.registry),
            [&](const std::string& progress) {
                const auto shown = progress.empty() ? "" : fmt::format(" ({})", progress);
                note_waiting(attempt, fmt::format("the pull of image {}{}", name, shown));
            },
            attempt.give_up.get_token());
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid && !attempt.give_up.stop_requested()) {
            throw;
        }
        failure = PullFailed{error.what()};
    }
    if (parts_.pulls != nullptr && !attempt.give_up.stop_requested()) {
        parts_.pulls->pulled(!failure
                                 ? PullOutcome{StoredImage{}}
                                 : std::visit([](const auto& why) { return PullOutcome{why}; }, *failure),
                             std::chrono::steady_clock::now() - begin);
    }
    return failure;
}

}  // namespace flotilla
