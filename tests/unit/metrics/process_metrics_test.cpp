#include "metrics/process_metrics.hpp"

#include <chrono>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/file.hpp"

namespace flotilla {
namespace {

double value_of(const MetricRegistry& registry, const std::string& name) {
    const std::string text = registry.text();
    const auto at = text.find("\n" + name + " ");
    EXPECT_NE(at, std::string::npos) << name;
    return std::stod(text.substr(at + name.size() + 2));
}

class ProcessMetricsTest : public testing::Test {
protected:
    MetricRegistry registry;
    ProcessMetrics metrics{registry};
};

TEST_F(ProcessMetricsTest, ThisProcessHasMemoryAndStartedALittleWhileAgo) {
    metrics.update();
    EXPECT_GT(value_of(registry, "process_resident_memory_bytes"), 1'000'000);
    EXPECT_GT(value_of(registry, "process_virtual_memory_bytes"),
              value_of(registry, "process_resident_memory_bytes"));
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    EXPECT_LE(value_of(registry, "process_start_time_seconds"), now + 0.1);
    EXPECT_GT(value_of(registry, "process_start_time_seconds"), now - 600);
}

TEST_F(ProcessMetricsTest, AnotherOpenFileIsCounted) {
    metrics.update();
    const double before = value_of(registry, "process_open_fds");
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    metrics.update();
    EXPECT_EQ(value_of(registry, "process_open_fds"), before + 1);
    EXPECT_GT(value_of(registry, "process_max_fds"), before);
}

TEST_F(ProcessMetricsTest, WorkTakesProcessorTime) {
    metrics.update();
    const double before = value_of(registry, "process_cpu_seconds_total");
    const auto end = std::clock() + CLOCKS_PER_SEC / 20;
    while (std::clock() < end) {
    }
    metrics.update();
    EXPECT_GT(value_of(registry, "process_cpu_seconds_total"), before);
}

}  // namespace
}  // namespace flotilla
