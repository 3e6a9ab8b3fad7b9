#pragma once

#include <map>
#include <optional>
#include <semaphore>
#include <set>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "image/image_check.hpp"
#include "image/image_store.hpp"
#include "image/registry.hpp"
#include "image/shared_work.hpp"

namespace flotilla {

/// The image check of the local engine: an image is there if it is in the store or its registry has it, and
/// is kept by a pin in the store (see StoreFolder). What a registry says is remembered for a while. Only so
/// many threads wait for registries at once, so that one that does not answer cannot hold all handlers of
/// requests: those beyond get `ImageUnknown` at once.
class LocalImageCheck final : public ImageCheck {
public:
    LocalImageCheck(ImageStore& store, ManifestSource& registry, Clock& clock)
        : store_(store), registry_(registry), clock_(clock) {}

    [[nodiscard]] ImageAnswer check(const ImageReference& image) override;
    void keep_only(const std::set<std::string>& digests, const std::stop_token& stop) override;

    /// Asks no registry any more: who waits for one gets `ImageUnknown` at once.
    void cancel() { cancelled_.request_stop(); }

private:
    struct Remembered {
        ImageAnswer answer;
        std::chrono::microseconds until;  ///< `Clock::elapsed`
    };
    /// By `ImageReference::text()`.
    using Memory = std::map<std::string, Remembered>;

    std::optional<std::string> find_and_keep(const ImageReference& image);
    bool keep(const std::string& digest);
    ImageAnswer ask_registry(const ImageReference& image);
    ImageAnswer ask(const ImageReference& image);
    std::optional<ImageAnswer> remembered(const std::string& name);
    void remember(const std::string& name, const ImageAnswer& answer);

    static constexpr std::ptrdiff_t most_waiting = 24;  ///< threads, of some 64 that handle requests
    static constexpr std::ptrdiff_t most_asked = 8;     ///< images asked for at once, each by a process

    ImageStore& store_;
    ManifestSource& registry_;
    Clock& clock_;
    std::counting_semaphore<most_waiting> waiting_{most_waiting};
    std::counting_semaphore<most_asked> asked_{most_asked};
    Guarded<Memory> memory_;
    /// Digests pinned by this object, and when they were last asked for, as `Clock::elapsed` tells it.
    Guarded<std::map<std::string, std::chrono::microseconds>> kept_;
    std::stop_source cancelled_;
    SharedWork<ImageAnswer> asks_;
};

}  // namespace flotilla
