#pragma once

#include <chrono>
#include <cstddef>

#include "metrics/metric_registry.hpp"

namespace flotilla {

/// What is measured of a database. Safe to use from any thread.
class StoreMetrics {
public:
    explicit StoreMetrics(MetricRegistry& registry);

    void read(std::chrono::nanoseconds duration) { reads_.observe(duration); }
    /// From the wish to write until it was durable.
    void wrote(std::chrono::nanoseconds duration) { writes_.observe(duration); }
    /// That many writes became durable together.
    void committed(std::size_t writes) { commits_.observe(static_cast<double>(writes)); }
    void failed() { failures_.add(); }

private:
    Histogram reads_;
    Histogram writes_;
    Histogram commits_;
    Counter failures_;
};

}  // namespace flotilla
