#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "image/image_check.hpp"
#include "image/image_store.hpp"
#include "image/registry_check.hpp"

namespace flotilla {

/// The image check of the local engine: an image is there if it is in the store or its registry has it, and
/// is kept by a pin in the store (see StoreFolder).
class LocalImageCheck final : public ImageCheck {
public:
    /// `max_size`: the bytes of disk that images may take before those that no run needs go.
    LocalImageCheck(ImageStore& store, RegistryCheck& registry, Clock& clock, std::int64_t max_size)
        : store_(store), registry_(registry), clock_(clock), max_size_(max_size) {}

    [[nodiscard]] ImageAnswer check(const ImageReference& image) override;
    [[nodiscard]] std::vector<std::string> names() override;
    void keep_only(const std::set<std::string>& digests, const std::stop_token& stop) override;

private:
    void let_go(const std::set<std::string>& digests, const std::stop_token& stop);
    std::optional<std::string> find_and_keep(const ImageReference& image);
    bool keep(const std::string& digest);

    ImageStore& store_;
    RegistryCheck& registry_;
    Clock& clock_;
    std::int64_t max_size_;
    /// Digests pinned by this object, and when they were last asked for, as `Clock::elapsed` tells it.
    Guarded<std::map<std::string, std::chrono::microseconds>> kept_;
};

}  // namespace flotilla
