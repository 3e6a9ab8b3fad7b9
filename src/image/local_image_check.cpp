#include "image/local_image_check.hpp"

#include <fmt/format.h>

#include "base/overloaded.hpp"
#include "base/thread_pool.hpp"
#include "image/digest.hpp"

namespace flotilla {

namespace {

using std::chrono::seconds;

/// Leaves time to answer within the 3 seconds that a check may take.
constexpr std::chrono::milliseconds ask_timeout{2800};

/// How long an image is kept for a run that is not stored yet.
constexpr std::chrono::minutes keep_time{10};

/// A place at a semaphore, if there is one; given back at the end.
template <typename Semaphore>
class Place {
public:
    explicit Place(Semaphore& semaphore) : semaphore_(semaphore), taken_(semaphore.try_acquire()) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        if (taken_) {
            semaphore_.release();
        }
    }
    [[nodiscard]] bool taken() const { return taken_; }

private:
    Semaphore& semaphore_;
    bool taken_;
};

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

ImageAnswer LocalImageCheck::check(const ImageReference& image) {
    if (auto digest = find_and_keep(image)) {
        return ImagePresent{std::move(*digest)};
    }
    ImageAnswer answer = ask_registry(image);
    if (const auto* present = std::get_if<ImagePresent>(&answer)) {
        keep(present->digest);  // from the moment when it comes
    }
    return answer;
}

void LocalImageCheck::keep_only(const std::set<std::string>& digests, const std::stop_token& stop) {
    {
        auto kept = kept_.lock();
        const auto longest_ago = clock_.elapsed() - keep_time;
        std::erase_if(*kept, [&](const auto& known) { return known.second <= longest_ago; });
        std::set<std::string> unneeded = store_.pins();
        std::erase_if(unneeded, [&](const std::string& digest) {
            return digests.contains(digest) || kept->contains(digest);
        });
        if (unneeded.empty()) {
            return;
        }
        store_.unpin(unneeded);
    }
    store_.remove_unused(stop);
}

/// The digest of an image in the store, which stays there from now on.
std::optional<std::string> LocalImageCheck::find_and_keep(const ImageReference& image) {
    for (;;) {
        auto found = store_.find(image);
        if (!found) {
            return std::nullopt;
        }
        if (!keep(found->digest)) {
            return std::move(found->digest);
        }
        // It may have gone before the pin was there, so it is looked for again.
    }
}

/// False if it was kept already.
bool LocalImageCheck::keep(const std::string& digest) {
    auto kept = kept_.lock();
    const auto [at, is_new] = kept->insert_or_assign(digest, clock_.elapsed());
    if (!is_new) {
        return false;
    }
    try {
        store_.pin(digest);
    } catch (...) {
        kept->erase(at);
        throw;
    }
    return true;
}

ImageAnswer LocalImageCheck::ask_registry(const ImageReference& image) {
    const std::string name = image.text();
    if (auto answer = remembered(name)) {
        return std::move(*answer);
    }
    const Place waiting(waiting_);
    if (!waiting.taken()) {
        return too_many(image);
    }
    const BlockingSection blocking;
    return asks_.once(name, [&] {
        if (auto answer = remembered(name)) {  // by somebody who asked a moment ago
            return std::move(*answer);
        }
        const Place asked(asked_);
        if (!asked.taken()) {
            return too_many(image);
        }
        ImageAnswer answer = ask(image);
        remember(name, answer);
        return answer;
    });
}

ImageAnswer LocalImageCheck::ask(const ImageReference& image) {
    const ManifestAnswer answer = registry_.manifest(image, ask_timeout, cancelled_.get_token());
    if (const auto* failure = std::get_if<PullFailure>(&answer)) {
        return std::visit(
            Overloaded{[](const PullDenied& denied) -> ImageAnswer { return ImageAbsent{denied.reason}; },
                       [](const PullFailed& failed) -> ImageAnswer { return ImageUnknown{failed.reason}; }},
            *failure);
    }
    return ImagePresent{sha256_of(std::get<RemoteManifest>(answer).content)};
}

std::optional<ImageAnswer> LocalImageCheck::remembered(const std::string& name) {
    auto memory = memory_.lock();
    const auto at = memory->find(name);
    return at != memory->end() && at->second.until > clock_.elapsed() ? std::optional(at->second.answer)
                                                                      : std::nullopt;
}

void LocalImageCheck::remember(const std::string& name, const ImageAnswer& answer) {
    const auto now = clock_.elapsed();
    auto memory = memory_.lock();
    std::erase_if(*memory, [&](const auto& known) { return known.second.until <= now; });
    memory->insert_or_assign(name, Remembered{answer, now + lifetime_of(answer)});
}

}  // namespace flotilla
