#include "metrics/metric_registry.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricRegistryTest, ACounterIsWrittenWithItsHelpTypeAndLabels) {
    MetricRegistry registry;
    registry.counter("things_total", "Things that were counted.", {{"kind", "big"}}).add(3);
    EXPECT_EQ(registry.text(),
              "# HELP things_total Things that were counted.\n"
              "# TYPE things_total counter\n"
              "things_total{kind=\"big\"} 3\n");
}

TEST(MetricRegistryTest, TheSameNameAndLabelsAreTheSameMetric) {
    MetricRegistry registry;
    registry.counter("things_total", "Things.", {{"kind", "a"}}).add();
    registry.counter("things_total", "Things.", {{"kind", "a"}}).add();
    registry.counter("things_total", "Things.", {{"kind", "b"}}).add();
    EXPECT_THAT(registry.text(), HasSubstr("things_total{kind=\"a\"} 2\n"));
    EXPECT_THAT(registry.text(), HasSubstr("things_total{kind=\"b\"} 1\n"));
}

TEST(MetricRegistryTest, TheOrderIsThatOfNamesAndLabelsHoweverTheyCame) {
    MetricRegistry registry;
    registry.gauge("level", "A level.").set(1);
    for (const char* route : {"c", "a", "d", "b"}) {
        for (const char* method : {"PUT", "GET"}) {
            registry.counter("calls_total", "Calls.", {{"method", method}, {"route", route}}).add();
        }
    }
    EXPECT_EQ(registry.text(),
              "# HELP calls_total Calls.\n"
              "# TYPE calls_total counter\n"
              "calls_total{method=\"GET\",route=\"a\"} 1\n"
              "calls_total{method=\"GET\",route=\"b\"} 1\n"
              "calls_total{method=\"GET\",route=\"c\"} 1\n"
              "calls_total{method=\"GET\",route=\"d\"} 1\n"
              "calls_total{method=\"PUT\",route=\"a\"} 1\n"
              "calls_total{method=\"PUT\",route=\"b\"} 1\n"
              "calls_total{method=\"PUT\",route=\"c\"} 1\n"
              "calls_total{method=\"PUT\",route=\"d\"} 1\n"
              "# HELP level A level.\n"
              "# TYPE level gauge\n"
              "level 1\n");
}

TEST(MetricRegistryTest, AGaugeIsWhatItWasSetTo) {
    MetricRegistry registry;
    Gauge gauge = registry.gauge("level", "A level.");
    gauge.set(4.5);
    gauge.add(-1);
    EXPECT_THAT(registry.text(), HasSubstr("\nlevel 3.5\n"));
}

TEST(MetricRegistryTest, ACounterFollowsATotalThatIsKeptElsewhere) {
    MetricRegistry registry;
    Counter counter = registry.counter("seen_total", "Seen.");
    counter.raise_to(2);
    counter.raise_to(5);
    EXPECT_THAT(registry.text(), HasSubstr("\nseen_total 5\n"));
}

TEST(MetricRegistryTest, AHistogramCountsIntoItsBucketsTheUpperEndIncluded) {
    MetricRegistry registry;
    Histogram histogram = registry.histogram("wait_seconds", "Waits.", {0.1, 1});
    histogram.observe(0.1);
    histogram.observe(std::chrono::milliseconds{500});
    histogram.observe(std::chrono::seconds{3});
    const std::string text = registry.text();
    EXPECT_THAT(text, HasSubstr("# TYPE wait_seconds histogram\n"));
    EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"0.1\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"1\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("wait_seconds_count 3\n"));
    EXPECT_THAT(text, HasSubstr("wait_seconds_sum 3.6\n"));
}

TEST(MetricRegistryTest, AValueOfALabelIsEscaped) {
    MetricRegistry registry;
    registry.counter("things_total", "Things.", {{"cluster", "a\"b\\c\nd"}}).add();
    EXPECT_THAT(registry.text(), HasSubstr(R"(things_total{cluster="a\"b\\c\nd"} 1)"
                                           "\n"));
}

TEST(MetricRegistryTest, NothingIsLostWhenManyThreadsCount) {
    MetricRegistry registry;
    Counter counter = registry.counter("things_total", "Things.");
    Histogram histogram = registry.histogram("wait_seconds", "Waits.", {1});
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 10'000; ++n) {
                    counter.add();
                    histogram.observe(0.5);
                }
            });
        }
    }
    EXPECT_THAT(registry.text(), HasSubstr("\nthings_total 40000\n"));
    EXPECT_THAT(registry.text(), HasSubstr("wait_seconds_count 40000\n"));
    EXPECT_THAT(registry.text(), HasSubstr("wait_seconds_bucket{le=\"1\"} 40000\n"));
}

}  // namespace
}  // namespace flotilla
