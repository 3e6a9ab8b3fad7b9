#include "api/operations_api.hpp"

#include "wire/operations_answers.hpp"

namespace flotilla {

namespace {

Response ready_response(const Readiness& readiness) {
    Response response = json_response(readiness_json(readiness));
    if (!readiness.is_ready()) {
        response.status = 503;
        response.headers.emplace_back("Retry-After", "1");
    }
    return response;
}

Response metrics_response(MetricsService& metrics) {
    Response response;
    response.body = metrics.text();
    response.content_type = MetricRegistry::content_type;
    return response;
}

}  // namespace

void add_operations_routes(Router& router, ReadinessService& readiness, MetricsService& metrics) {
    router.add(
        HttpVerb::get, "/health", [](const Request&) { return json_response(health_json()); },
        Access::everybody);
    router.add(
        HttpVerb::get, "/ready", [&](const Request&) { return ready_response(readiness.readiness()); },
        Access::everybody);
    router.add(HttpVerb::get, "/metrics", [&](const Request&) { return metrics_response(metrics); });
}

}  // namespace flotilla
