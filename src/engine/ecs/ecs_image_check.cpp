#include "engine/ecs/ecs_image_check.hpp"

#include "base/log.hpp"
#include "engine/ecs/ecr_registry.hpp"

namespace flotilla {

ImageAnswer EcsImageCheck::check(const ImageReference& image) {
    ImageAnswer answer = (ecr_account(image.registry) ? ecr_ : others_).check(image);
    const auto* const absent = std::get_if<ImageAbsent>(&answer);
    if (absent == nullptr || !absent->is_forbidden) {
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
