#pragma once

#include <chrono>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/shared_work.hpp"
#include "engine/docker/daemon.hpp"
#include "image/image_check.hpp"
#include "image/registry_check.hpp"

namespace flotilla {

/// The image check of the Docker engine: an image is there if it is in the daemon's store or its registry has
/// it. The store is the daemon's own, so nothing is kept there. An image that the daemon had a moment ago is
/// taken to be there while the daemon gives no answer: the run waits for it then.
class DockerImageCheck final : public ImageCheck {
public:
    DockerImageCheck(HttpClient& http, DaemonAddress address, RegistryCheck& registry, Clock& clock)
        : daemon_(http, std::move(address), clock), registry_(registry), clock_(clock) {}

    [[nodiscard]] ImageAnswer check(const ImageReference& image) override;
    [[nodiscard]] std::vector<std::string> names() override;
    void keep_only(const std::set<std::string>&, const std::stop_token&) override {}

private:
    struct Absent {};
    struct Trouble {
        std::string reason;
    };
    /// What the daemon says of an image.
    using Lookup = std::variant<ImagePresent, Absent, Trouble>;
    struct Seen {
        ImagePresent image;
        std::chrono::microseconds until;  ///< `Clock::elapsed`
    };

    Lookup look_up(const ImageReference& image);
    ImageAnswer without_the_daemon(const ImageReference& image, const std::string& trouble);

    Daemon daemon_;
    RegistryCheck& registry_;
    Clock& clock_;
    SharedWork<Lookup> lookups_;                 ///< by `ImageReference::text()`
    Guarded<std::map<std::string, Seen>> seen_;  ///< likewise
};

}  // namespace flotilla
