#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "api/http.hpp"
#include "base/guarded.hpp"
#include "metrics/metric_registry.hpp"

namespace flotilla {

/// What is counted of requests and connections. Safe to use from any thread.
class HttpMetrics {
public:
    /// The registry outlives this object.
    explicit HttpMetrics(MetricRegistry& registry);

    /// A request was answered after `duration`. `route` is the pattern of its route; empty: it came to none.
    void answered(std::string_view route, HttpVerb verb, int status, std::chrono::nanoseconds duration);
    /// What a client sent never became a request, or its connection was not taken.
    void refused(int status);
    /// A connection was taken.
    void connection_opened();
    void connection_closed();

private:
    struct RouteMetrics {
        Histogram durations;
        std::map<int, Counter> requests;  ///< by status
    };
    using Routes = std::map<std::string, std::map<HttpVerb, RouteMetrics>, std::less<>>;

    RouteMetrics& metrics_of(Routes& routes, std::string_view route, HttpVerb verb);

    MetricRegistry& registry_;
    Guarded<Routes> routes_;
    Guarded<std::map<int, Counter>> refused_;
    Counter accepted_;
    Gauge open_;
};

}  // namespace flotilla
