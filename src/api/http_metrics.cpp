#include "api/http_metrics.hpp"

namespace flotilla {

namespace {

/// Seconds: most answers come within a millisecond, those that ask a registry within some seconds.
const std::vector<double>& duration_bounds() {
    static const std::vector<double> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                            0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
    return bounds;
}

/// The label of requests that no route has answered.
std::string route_label(std::string_view route) {
    return route.empty() ? "unknown" : std::string(route);
}

}  // namespace

HttpMetrics::HttpMetrics(MetricRegistry& registry)
    : registry_(registry),
      accepted_(registry.counter("flotilla_http_connections_total", "Connections that were taken.")),
      open_(registry.gauge("flotilla_http_connections_open", "Connections that are open.")) {}

HttpMetrics::RouteMetrics& HttpMetrics::metrics_of(Routes& routes, std::string_view route, HttpVerb verb) {
    auto known = routes.find(route);
    if (known == routes.end()) {
        known = routes.try_emplace(std::string(route)).first;
    }
    if (const auto metrics = known->second.find(verb); metrics != known->second.end()) {
        return metrics->second;
    }
    Histogram durations = registry_.histogram(
        "flotilla_http_request_duration_seconds",
        "How long requests took, from their last byte to the answer's being ready.", duration_bounds(),
        {{"method", std::string(name_of(verb))}, {"route", route_label(route)}});
    return known->second.emplace(verb, RouteMetrics{durations, {}}).first->second;
}

void HttpMetrics::answered(std::string_view route, HttpVerb verb, int status,
                           std::chrono::nanoseconds duration) {
    auto routes = routes_.lock();
    RouteMetrics& metrics = metrics_of(*routes, route, verb);
    auto requests = metrics.requests.find(status);
    if (requests == metrics.requests.end()) {
        Counter counter = registry_.counter("flotilla_http_requests_total", "Requests that were answered.",
                                            {{"method", std::string(name_of(verb))},
                                             {"route", route_label(route)},
                                             {"status", std::to_string(status)}});
        requests = metrics.requests.emplace(status, counter).first;
    }
    requests->second.add();
    metrics.durations.observe(duration);
}

void HttpMetrics::refused(int status) {
    auto refused = refused_.lock();
    auto counter = refused->find(status);
    if (counter == refused->end()) {
        counter =
            refused
                ->emplace(status, registry_.counter("flotilla_http_refused_total",
                                                    "What never became a request, by the answer's status.",
                                                    {{"status", std::to_string(status)}}))
                .first;
    }
    counter->second.add();
}

void HttpMetrics::connection_opened() {
    accepted_.add();
    open_.add(1);
}

void HttpMetrics::connection_closed() {
    open_.add(-1);
}

}  // namespace flotilla
