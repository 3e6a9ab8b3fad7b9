#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace flotilla {

/// Calls `work` with `size` elements after the other, the last time with those that are left.
template <typename Element, typename Work>
void in_portions(std::span<const Element> elements, std::size_t size, Work work) {
    while (!elements.empty()) {
        const auto portion = elements.first(std::min(elements.size(), size));
        work(portion);
        elements = elements.subspan(portion.size());
    }
}

}  // namespace flotilla
