#include "image/registry_check.hpp"

#include <fmt/format.h>

#include "base/overloaded.hpp"
#include "base/thread_pool.hpp"
#include "image/digest.hpp"

namespace flotilla {

namespace {

using std::chrono::seconds;

/// Leaves time to answer within the 3 seconds that a check may take.
constexpr std::chrono::milliseconds ask_timeout{2800};

ImageAnswer too_many(const ImageReference& image) {
    return ImageUnknown{
        fmt::format("registry {} was not asked: too many checks are waiting for registries", image.registry)};
}

/// How long an answer holds. An image that is missing may be being pushed; that nobody could be asked is
/// remembered just long enough to keep a crowd from asking one after another.
seconds lifetime_of(const ImageAnswer& answer) {
    return std::visit(Overloaded{[](const ImagePresent&) { return seconds(60); },
                                 [](const ImageAbsent&) { return seconds(10); },
                                 [](const ImageUnknown&) { return seconds(2); }},
                      answer);
}

}  // namespace

ImageAnswer RegistryCheck::check(const ImageReference& image) {
    const std::string name = image.text();
    if (auto answer = remembered(name)) {
        return std::move(*answer);
    }
    const WaitingPlace waiting(waiting_);
    if (!waiting.is_taken()) {
        return too_many(image);
    }
    const BlockingSection blocking;
    return asks_.once(name, [&] {
        if (auto answer = remembered(name)) {  // by somebody who asked a moment ago
            return std::move(*answer);
        }
        const WaitingPlace asked(asked_);
        if (!asked.is_taken()) {
            return too_many(image);
        }
        ImageAnswer answer = ask(image);
        remember(name, answer);
        return answer;
    });
}

ImageAnswer RegistryCheck::ask(const ImageReference& image) {
    const ManifestAnswer answer = registry_.manifest(image, ask_timeout, cancelled_.get_token());
    if (const auto* failure = std::get_if<PullFailure>(&answer)) {
        return std::visit(
            Overloaded{[](const PullDenied& denied) -> ImageAnswer {
                           return ImageAbsent{denied.reason, denied.is_forbidden};
                       },
                       [](const PullFailed& failed) -> ImageAnswer { return ImageUnknown{failed.reason}; }},
            *failure);
    }
    return ImagePresent{sha256_of(std::get<RemoteManifest>(answer).content)};
}

std::optional<ImageAnswer> RegistryCheck::remembered(const std::string& name) {
    auto memory = memory_.lock();
    const auto at = memory->find(name);
    return at != memory->end() && at->second.until > clock_.elapsed() ? std::optional(at->second.answer)
                                                                      : std::nullopt;
}

void RegistryCheck::remember(const std::string& name, const ImageAnswer& answer) {
    const auto now = clock_.elapsed();
    auto memory = memory_.lock();
    std::erase_if(*memory, [&](const auto& known) { return known.second.until <= now; });
    memory->insert_or_assign(name, Remembered{answer, now + lifetime_of(answer)});
}

}  // namespace flotilla
