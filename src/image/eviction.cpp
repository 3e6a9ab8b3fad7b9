#include "image/eviction.hpp"

#include <algorithm>
#include <map>

namespace flotilla {

std::vector<std::string> images_to_evict(std::vector<ImageUse> images, std::int64_t most) {
    std::map<std::string, int> users;
    std::int64_t taken = 0;
    for (const ImageUse& image : images) {
        for (const LayerRecord& layer : image.layers) {
            taken += users[layer.folder]++ == 0 ? layer.size : 0;
        }
    }
    std::ranges::stable_sort(images, {}, &ImageUse::used_at);
    std::vector<std::string> evicted;
    for (const ImageUse& image : images) {
        if (taken <= most) {
            break;
        }
        if (!image.may_go) {
            continue;
        }
        evicted.push_back(image.digest);
        for (const LayerRecord& layer : image.layers) {
            taken -= --users[layer.folder] == 0 ? layer.size : 0;
        }
    }
    return evicted;
}

}  // namespace flotilla
