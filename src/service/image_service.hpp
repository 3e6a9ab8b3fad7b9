#pragma once

#include <vector>

#include "cluster/clusters.hpp"
#include "core/known_image.hpp"
#include "store/definition_store.hpp"

namespace flotilla {

/// What users can learn of images.
class ImageService {
public:
    ImageService(DefinitionStore& definitions, const Clusters& clusters)
        : definitions_(definitions), clusters_(clusters) {}

    /// The images that a job can have without waiting for a registry, then those that definitions name
    /// besides, at most a thousand; each by name.
    [[nodiscard]] std::vector<KnownImage> known();

private:
    DefinitionStore& definitions_;
    const Clusters& clusters_;
};

}  // namespace flotilla
