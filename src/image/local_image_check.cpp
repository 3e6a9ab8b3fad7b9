#include "image/local_image_check.hpp"

namespace flotilla {

namespace {

/// How long an image is kept for a run that is not stored yet.
constexpr std::chrono::minutes keep_time{10};

}  // namespace

ImageAnswer LocalImageCheck::check(const ImageReference& image) {
    if (auto digest = find_and_keep(image)) {
        return ImagePresent{std::move(*digest)};
    }
    ImageAnswer answer = registry_.check(image);
    if (const auto* present = std::get_if<ImagePresent>(&answer)) {
        keep(present->digest);  // from the moment when it comes
    }
    return answer;
}

std::vector<std::string> LocalImageCheck::names() {
    std::vector<std::string> names;
    for (const ImageListing& image : store_.list()) {
        names.push_back(image.name.familiar());
    }
    return names;
}

void LocalImageCheck::keep_only(const std::set<std::string>& digests, const std::stop_token& stop) {
    let_go(digests, stop);
    store_.keep_within(max_size_, stop);
}

void LocalImageCheck::let_go(const std::set<std::string>& digests, const std::stop_token& stop) {
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

}  // namespace flotilla
