#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "image/store_records.hpp"

namespace flotilla {

/// An image as far as its disk goes.
struct ImageUse {
    std::string digest;
    TimePoint used_at;
    std::vector<LayerRecord> layers;
    bool may_go = false;  ///< no run needs it, and its registry has it
};

/// The images that have to go for the others to take at most `most` bytes of disk together, the one that was
/// not used for longest first. A layer that several have counts once, and stays with the last of them. Pure.
[[nodiscard]] std::vector<std::string> images_to_evict(std::vector<ImageUse> images, std::int64_t most);

}  // namespace flotilla
