#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Removes old logs of this host, each hour.
class LogWorker final : public Worker {
public:
    /// `days`: how long they are kept.
    LogWorker(std::filesystem::path data_dir, std::int64_t days, Clock& clock)
        : data_dir_(std::move(data_dir)), kept_for_(days), clock_(clock) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override { return std::chrono::hours{1}; }

private:
    std::filesystem::path data_dir_;
    std::chrono::days kept_for_;
    Clock& clock_;
};

}  // namespace flotilla
