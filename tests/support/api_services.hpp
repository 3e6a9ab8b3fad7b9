#pragma once

#include "api/api.hpp"
#include "support/control_plane.hpp"

namespace flotilla::test {

/// What an `Api` needs of a control plane.
inline ApiServices api_services(ControlPlane& plane) {
    return {plane.definition_service, plane.run_service,     plane.waiting_service, plane.log_service,
            plane.readiness_service,  plane.metrics_service, plane.image_service};
}

}  // namespace flotilla::test
