#pragma once

#include "api/router.hpp"
#include "service/metrics_service.hpp"
#include "service/readiness_service.hpp"

namespace flotilla {

/// `/health`, `/ready` and `/metrics`: what a supervisor, a load balancer and Prometheus ask.
void add_operations_routes(Router& router, ReadinessService& readiness, MetricsService& metrics);

}  // namespace flotilla
