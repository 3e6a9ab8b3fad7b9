#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/shared_work.hpp"
#include "base/waiting_place.hpp"
#include "image/image_check.hpp"
#include "image/registry.hpp"

namespace flotilla {

/// Says whether registries have images. What they say is remembered for a while. Only so many threads wait
/// for registries at once, so that one that does not answer cannot hold all handlers of requests: those
/// beyond get `ImageUnknown` at once. Safe to call from any thread.
class RegistryCheck {
public:
    RegistryCheck(ManifestSource& registry, Clock& clock) : registry_(registry), clock_(clock) {}

    /// Answers within 3 seconds.
    [[nodiscard]] ImageAnswer check(const ImageReference& image);

    /// Asks no registry any more: who waits for one gets `ImageUnknown` at once.
    void cancel() { cancelled_.request_stop(); }

private:
    struct Remembered {
        ImageAnswer answer;
        std::chrono::microseconds until;  ///< `Clock::elapsed`
    };
    /// By `ImageReference::text()`.
    using Memory = std::map<std::string, Remembered>;

    ImageAnswer ask(const ImageReference& image);
    std::optional<ImageAnswer> remembered(const std::string& name);
    void remember(const std::string& name, const ImageAnswer& answer);

    static constexpr std::ptrdiff_t most_waiting = 24;  ///< threads, of some 64 that handle requests
    static constexpr std::ptrdiff_t most_asked = 8;     ///< images asked for at once, each by a process

    ManifestSource& registry_;
    Clock& clock_;
    WaitingPlaces waiting_{most_waiting};
    WaitingPlaces asked_{most_asked};
    Guarded<Memory> memory_;
    std::stop_source cancelled_;
    SharedWork<ImageAnswer> asks_;
};

}  // namespace flotilla
