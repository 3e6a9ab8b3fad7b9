#include "engine/ecs/ecs_image_check.hpp"

#include <string_view>

#include "base/log.hpp"
#include "engine/ecs/ecr_registry.hpp"

namespace flotilla {

namespace {

/// It says the same of what is not there, which is what a name mostly is that it does not let read.
constexpr std::string_view docker_hub = "docker.io";

}  // namespace

ImageAnswer EcsImageCheck::check(const ImageReference& image) {
    if (was_silent(image.registry)) {
        return ImagePresent{};
    }
    ImageAnswer answer = (ecr_account(image.registry) ? ecr_ : others_).check(image);
    if (const auto* const unknown = std::get_if<ImageUnknown>(&answer)) {
        silent_.lock()->insert_or_assign(image.registry, clock_.elapsed());
        tell(image.registry, unknown->reason + "; they are taken to, as instances may reach it");
        return ImagePresent{};
    }
    const auto* const absent = std::get_if<ImageAbsent>(&answer);
    if (absent == nullptr || !absent->is_forbidden || image.registry == docker_hub) {
        return answer;
    }
    tell(image.registry,
         absent->reason + "; they are taken to, as instances may have credentials of their own");
    return ImagePresent{};
}

/// Then nobody waits for it again, for a while.
bool EcsImageCheck::was_silent(const std::string& registry) {
    constexpr std::chrono::minutes not_asked_for{1};
    auto silent = silent_.lock();
    const auto found = silent->find(registry);
    return found != silent->end() && clock_.elapsed() - found->second < not_asked_for;
}

void EcsImageCheck::tell(const std::string& registry, const std::string& reason) {
    if (told_.lock()->insert(registry).second) {
        log_warning("whether images of {} exist is not checked: {}", registry, reason);
    }
}

}  // namespace flotilla
