#pragma once

#include <string>

namespace flotilla {

/// The network of all containers whose cluster has the network `private`: a bridge of the daemon's, by which
/// they reach out and do not reach each other. Docker lets two be made of one name at the same moment, so it
/// is known by its label, and the one made first counts.
inline constexpr const char* private_network = "flotilla";
inline constexpr const char* private_network_label = "flotilla.network";

/// The body of the request that makes it: see
/// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Network/operation/NetworkCreate
[[nodiscard]] std::string private_network_body();

}  // namespace flotilla
