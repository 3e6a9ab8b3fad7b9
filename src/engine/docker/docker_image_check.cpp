#include "engine/docker/docker_image_check.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/overloaded.hpp"
#include "base/thread_pool.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::milliseconds answer_timeout{1'500};

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
    const BlockingSection blocking;
    const Lookup found = lookups_.once(image.text(), [&] { return look_up(image); });
    return std::visit(
        Overloaded{[](const ImagePresent& present) -> ImageAnswer { return present; },
                   [&](const Absent&) { return registry_.check(image); },
                   [&](const Trouble& trouble) { return without_the_daemon(image, trouble.reason); }},
        found);
}

DockerImageCheck::Lookup DockerImageCheck::look_up(const ImageReference& image) {
    constexpr std::chrono::minutes remembered{10};
    try {
        const auto found = daemon_.find_image(image.text(), answer_timeout);
        if (!found) {
            seen_.lock()->erase(image.text());
            return Absent{};
        }
        const ImagePresent present{digest_of(*found, image)};
        const auto now = clock_.elapsed();
        auto seen = seen_.lock();
        std::erase_if(*seen, [&](const auto& entry) { return entry.second.until <= now; });
        seen->insert_or_assign(image.text(), Seen{present, now + remembered});
        return present;
    } catch (const Error& error) {
        return Trouble{error.what()};
    }
}

ImageAnswer DockerImageCheck::without_the_daemon(const ImageReference& image, const std::string& trouble) {
    {
        auto seen = seen_.lock();
        const auto at = seen->find(image.text());
        if (at != seen->end() && at->second.until > clock_.elapsed()) {
            return at->second.image;
        }
    }
    ImageAnswer answer = registry_.check(image);
    if (const auto* const unknown = std::get_if<ImageUnknown>(&answer)) {
        return ImageUnknown{fmt::format("{}; {}", trouble, unknown->reason)};
    }
    return std::holds_alternative<ImageAbsent>(answer) ? ImageUnknown{trouble} : std::move(answer);
}

std::vector<std::string> DockerImageCheck::names() {
    try {
        return daemon_.image_names(answer_timeout);
    } catch (const Error&) {
        return {};
    }
}

}  // namespace flotilla
