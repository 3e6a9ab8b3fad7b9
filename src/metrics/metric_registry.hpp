#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace flotilla {

/// By name. Their values must be few: never an id, an alias or whatever else users choose freely.
using MetricLabels = std::map<std::string, std::string>;

/// A count that only grows. Copies count the same. Safe to use from any thread.
class Counter {
public:
    explicit Counter(prometheus::Counter& counter) : counter_(&counter) {}
    void add(double amount = 1);
    /// For totals that are kept elsewhere: `total` must not be less than the last one. One thread at a time.
    void raise_to(double total);

private:
    prometheus::Counter* counter_;
};

/// A value that comes and goes.
class Gauge {
public:
    explicit Gauge(prometheus::Gauge& gauge) : gauge_(&gauge) {}
    void set(double value);
    void add(double amount);

private:
    prometheus::Gauge* gauge_;
};

/// How values are distributed over buckets.
class Histogram {
public:
    explicit Histogram(prometheus::Histogram& histogram) : histogram_(&histogram) {}
    void observe(double value);
    /// In seconds.
    void observe(std::chrono::nanoseconds duration);

private:
    prometheus::Histogram* histogram_;
};

/// All that a server counts and measures, by the names and in the text format of Prometheus:
/// https://prometheus.io/docs/practices/naming/ and
/// https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
/// Safe to use from any thread. Asked again for a metric of the same name and labels, it gives the same one.
/// What it gives lives as long as the registry.
class MetricRegistry {
public:
    static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";

    MetricRegistry();
    MetricRegistry(const MetricRegistry&) = delete;
    MetricRegistry& operator=(const MetricRegistry&) = delete;
    ~MetricRegistry();

    /// `name` ends in `_total`; `help` is one sentence.
    [[nodiscard]] Counter counter(const std::string& name, const std::string& help,
                                  const MetricLabels& labels = {});
    [[nodiscard]] Gauge gauge(const std::string& name, const std::string& help,
                              const MetricLabels& labels = {});
    /// `bounds` are the upper ends of the buckets, ascending; the last one, infinity, comes by itself.
    [[nodiscard]] Histogram histogram(const std::string& name, const std::string& help,
                                      const std::vector<double>& bounds, const MetricLabels& labels = {});

    /// Everything as it is now, ordered by name and labels.
    [[nodiscard]] std::string text() const;

private:
    class Families;
    std::unique_ptr<Families> families_;
};

}  // namespace flotilla
