#pragma once

#include <set>
#include <string>

#include "base/error.hpp"
#include "engine/docker/daemon.hpp"

namespace flotilla {

/// What a daemon says in an answer that is no success, as one line.
[[nodiscard]] std::string message_in(const HttpResponse& response);

/// An `unavailable` about an answer that cannot be dealt with.
[[nodiscard]] Error unexpected_answer(const HttpResponse& response);

// What follows throws `unavailable` if the answer is no success or has not what it should have.

[[nodiscard]] DaemonImage image_in(const HttpResponse& response);
/// The tags of a list of images; one without a tag has none.
[[nodiscard]] std::vector<std::string> image_names_in(const HttpResponse& response);
/// The ids of listed networks, the one made first at the front.
[[nodiscard]] std::vector<std::string> network_ids_in(const HttpResponse& response);
[[nodiscard]] std::set<std::string> names_in(const HttpResponse& response);
[[nodiscard]] ContainerState container_state_in(const HttpResponse& response);

}  // namespace flotilla
