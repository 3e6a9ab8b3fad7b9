#include "metrics/metric_registry.hpp"

#include <algorithm>
#include <functional>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace flotilla {

void Counter::add(double amount) {
    counter_->Increment(amount);
}

void Counter::raise_to(double total) {
    counter_->Increment(total - counter_->Value());
}

void Gauge::set(double value) {
    gauge_->Set(value);
}

void Gauge::add(double amount) {
    gauge_->Increment(amount);
}

void Histogram::observe(double value) {
    histogram_->Observe(value);
}

void Histogram::observe(std::chrono::nanoseconds duration) {
    histogram_->Observe(std::chrono::duration<double>(duration).count());
}

class MetricRegistry::Families {
public:
    prometheus::Registry registry;
};

MetricRegistry::MetricRegistry() : families_(std::make_unique<Families>()) {}

MetricRegistry::~MetricRegistry() = default;

Counter MetricRegistry::counter(const std::string& name, const std::string& help,
                                const MetricLabels& labels) {
    return Counter(
        prometheus::BuildCounter().Name(name).Help(help).Register(families_->registry).Add(labels));
}

Gauge MetricRegistry::gauge(const std::string& name, const std::string& help, const MetricLabels& labels) {
    return Gauge(prometheus::BuildGauge().Name(name).Help(help).Register(families_->registry).Add(labels));
}

Histogram MetricRegistry::histogram(const std::string& name, const std::string& help,
                                    const std::vector<double>& bounds, const MetricLabels& labels) {
    return Histogram(
        prometheus::BuildHistogram().Name(name).Help(help).Register(families_->registry).Add(labels, bounds));
}

std::string MetricRegistry::text() const {
    auto families = families_->registry.Collect();
    // The library keeps a family's metrics unordered: people compare what two calls say line by line.
    std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
    for (prometheus::MetricFamily& family : families) {
        std::ranges::sort(family.metric, std::less{}, &prometheus::ClientMetric::label);
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace flotilla
