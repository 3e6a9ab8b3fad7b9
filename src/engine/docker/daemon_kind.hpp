#pragma once

namespace flotilla {

/// Who answers the Docker Engine API. Podman's service does so in its own way here and there.
enum class DaemonKind { docker, podman };

}  // namespace flotilla
