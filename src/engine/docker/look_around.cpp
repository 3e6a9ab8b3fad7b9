#include <string>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "engine/docker/docker_engine.hpp"

namespace flotilla {

void DockerEngine::look_around(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        look_wake_.wait(stop, options_.sweep);
        try {
            end_streams_of_the_ended();
        } catch (const Error& error) {
            log_debug("cluster {}: {}", options_.container.cluster, error.what());
        }
    }
}

/// A stream that neither ends nor gives anything though its container has ended, as none is perfect, is ended
/// at the second look: the attempt's thread then asks what has become of the container.
void DockerEngine::end_streams_of_the_ended() {
    const auto ended = daemon_.list_ended(fmt::format("{}={}", cluster_label, options_.container.cluster));
    auto attempts = attempts_.lock();
    for (auto& [name, attempt] : *attempts) {
        const bool is_ended_unseen = !attempt->ended && ended.contains(container_name(name));
        const std::int64_t followed = attempt->followed;
        const bool is_silent = attempt->followed_when_ended == followed;
        if (is_ended_unseen && is_silent && attempt->follow_no_more.request_stop()) {
            log_warning("run {}: its container has ended, and the stream of its log has not", name.text());
        }
        attempt->followed_when_ended = is_ended_unseen ? std::optional(followed) : std::nullopt;
    }
}

}  // namespace flotilla
