#include "engine/pull_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using testing::HasSubstr;

TEST(PullMetricsTest, PullsAreCountedByHowTheyEnded) {
    MetricRegistry registry;
    PullMetrics metrics(registry);
    metrics.pulled(StoredImage{}, std::chrono::seconds{2});
    metrics.pulled(PullDenied{"no such image"}, std::chrono::seconds{1});
    metrics.pulled(PullFailed{"no answer"}, std::chrono::seconds{1});
    metrics.pulled(PullFailed{"no answer"}, std::chrono::seconds{1});
    const std::string text = registry.text();
    EXPECT_THAT(text, HasSubstr("flotilla_image_pulls_total{outcome=\"pulled\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_image_pulls_total{outcome=\"denied\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_image_pulls_total{outcome=\"failed\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("flotilla_image_pull_duration_seconds_sum 5\n"));
}

}  // namespace
}  // namespace flotilla
