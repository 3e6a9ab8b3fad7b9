#include "service/image_service.hpp"

#include <set>

namespace flotilla {

std::vector<KnownImage> ImageService::known() {
    constexpr std::int64_t most_named = 1000;
    std::set<std::string> at_hand;
    for (const ServedCluster* served : clusters_.all()) {
        for (std::string& name : served->images.names()) {
            at_hand.insert(std::move(name));
        }
    }
    std::vector<KnownImage> images;
    images.reserve(at_hand.size());
    for (const std::string& name : at_hand) {
        images.push_back({name, true});
    }
    const auto named = definitions_.images({.name = {}, .limit = most_named, .offset = 0});
    for (const std::string& name : named.items) {
        if (!at_hand.contains(name)) {
            images.push_back({name, false});
        }
    }
    return images;
}

}  // namespace flotilla
