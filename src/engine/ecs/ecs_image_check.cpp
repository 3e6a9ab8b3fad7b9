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
    ImageAnswer answer = (ecr_account(image.registry) ? ecr_ : others_).check(image);
    const auto* const absent = std::get_if<ImageAbsent>(&answer);
    if (absent == nullptr || !absent->is_forbidden || image.registry == docker_hub) {
        return answer;
    }
    if (told_.lock()->insert(image.registry).second) {
        log_warning(
            "whether images of {} exist is not checked: {}; they are taken to, as instances may have "
            "credentials of their own",
            image.registry, absent->reason);
    }
    return ImagePresent{};
}

}  // namespace flotilla
