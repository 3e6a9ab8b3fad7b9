#include "engine/docker/docker_image_check.hpp"

#include <chrono>
#include <optional>

#include "base/error.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::milliseconds answer_timeout{1'000};

/// As it came from this registry, so that it can be had there again; else its id.
std::string digest_of(const DaemonImage& found, const ImageReference& image) {
    for (const std::string& text : found.repo_digests) {
        const auto source = parse_image_reference(text);
        if (source && source->registry == image.registry && source->repository == image.repository) {
            return source->digest;
        }
    }
    return found.id;
}

}  // namespace

ImageAnswer DockerImageCheck::check(const ImageReference& image) {
    std::optional<std::string> trouble;
    try {
        if (const auto found = daemon_.find_image(image.text(), answer_timeout)) {
            return ImagePresent{digest_of(*found, image)};
        }
    } catch (const Error& error) {
        trouble = error.what();
    }
    ImageAnswer answer = registry_.check(image);
    return trouble && std::holds_alternative<ImageAbsent>(answer) ? ImageUnknown{*trouble}
                                                                  : std::move(answer);
}

std::vector<std::string> DockerImageCheck::names() {
    try {
        return daemon_.image_names(answer_timeout);
    } catch (const Error&) {
        return {};
    }
}

}  // namespace flotilla
