#include "store/store_metrics.hpp"

namespace flotilla {

namespace {

/// Seconds: a read by an index takes some microseconds, a write a few milliseconds of a disk.
const std::vector<double> duration_bounds{0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005,
                                          0.001,   0.0025,   0.005,   0.01,   0.025,   0.05,
                                          0.1,     0.25,     0.5,     1,      2.5,     10};
const std::vector<double> size_bounds{1, 2, 4, 8, 16, 32, 64, 128, 256};

}  // namespace

StoreMetrics::StoreMetrics(MetricRegistry& registry)
    : reads_(registry.histogram("flotilla_store_read_duration_seconds",
                                "How long reads of the database took.", duration_bounds)),
      writes_(registry.histogram("flotilla_store_write_duration_seconds",
                                 "How long writes took until they were durable.", duration_bounds)),
      commits_(registry.histogram("flotilla_store_commit_writes",
                                  "How many writes became durable together in one commit.", size_bounds)),
      failures_(registry.counter("flotilla_store_failures_total",
                                 "Reads and commits that failed because the database did.")) {}

}  // namespace flotilla
