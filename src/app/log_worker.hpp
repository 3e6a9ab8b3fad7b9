#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/clock.hpp"
#include "logs/finished_logs.hpp"
#include "metrics/metric_registry.hpp"
#include "store/run_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Tends the log files of this host, at low priority: compresses each once nothing is added to it any more;
/// each hour removes old ones, and looks for what a crash left uncompressed.
class LogWorker final : public Worker {
public:
    /// `days`: how long logs are kept; 0: for ever.
    LogWorker(std::filesystem::path data_dir, std::int64_t days, RunStore& runs, FinishedLogs& finished,
              Clock& clock, MetricRegistry& registry);

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override;

private:
    void remove_old(const std::stop_token& stop);
    [[nodiscard]] bool has_ended_before(const RunId& id, TimePoint before);
    void compress_left(const std::stop_token& stop);
    void compress(const std::filesystem::path& log, const std::stop_token& stop);

    std::filesystem::path data_dir_;
    std::chrono::days kept_for_;
    RunStore& runs_;
    FinishedLogs& finished_;
    Clock& clock_;
    Counter compressed_;
    Counter bytes_before_;
    Counter bytes_after_;
    std::optional<std::chrono::microseconds> looked_at_;  ///< as `Clock::elapsed` says
};

}  // namespace flotilla
