#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "store/history_store.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Removes runs that finished long ago, some at a time with pauses in between, so that others write
/// meanwhile; and from this host the logs of those that were removed, here or by another server.
class HistoryWorker final : public Worker {
public:
    /// `days`: how long finished runs are kept; 0: for ever.
    HistoryWorker(HistoryStore& history, std::filesystem::path data_dir, std::int64_t days, Clock& clock)
        : history_(history), data_dir_(std::move(data_dir)), kept_for_(days), clock_(clock) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override { return rest_; }

private:
    std::int64_t remove_runs();
    std::int64_t remove_logs();
    void tell();

    HistoryStore& history_;
    std::filesystem::path data_dir_;
    std::chrono::days kept_for_;
    Clock& clock_;
    std::int64_t removed_ = 0;  ///< since it was last told
    std::chrono::microseconds rest_{};
};

}  // namespace flotilla
