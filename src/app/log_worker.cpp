#include "app/log_worker.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/thread_priority.hpp"
#include "logs/file/log_compression.hpp"
#include "logs/file/log_path.hpp"
#include "logs/file/log_retention.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::microseconds between_looks = std::chrono::hours{1};

}  // namespace

LogWorker::LogWorker(std::filesystem::path data_dir, std::int64_t days, RunStore& runs,
                     FinishedLogs& finished, Clock& clock, MetricRegistry& registry)
    : data_dir_(std::move(data_dir)),
      kept_for_(days),
      runs_(runs),
      finished_(finished),
      clock_(clock),
      compressed_(
          registry.counter("flotilla_logs_compressed_total", "Logs of this host that were compressed.")),
      bytes_before_(registry.counter("flotilla_logs_compressed_bytes_total",
                                     "How many bytes the logs had that were compressed.")),
      bytes_after_(
          registry.counter("flotilla_logs_compressed_to_bytes_total", "How many bytes they have since.")) {}

bool LogWorker::step(const std::stop_token& stop) {
    if (!looked_at_) {
        set_priority_of_this_thread(ThreadPriority::low);
    }
    if (rest().count() <= 0) {
        looked_at_ = clock_.elapsed();
        remove_old(stop);
        compress_left(stop);
    }
    while (!stop.stop_requested()) {
        const auto log = finished_.take();
        if (!log) {
            break;
        }
        compress(*log, stop);
    }
    return false;
}

std::chrono::microseconds LogWorker::rest() {
    return looked_at_ ? between_looks - (clock_.elapsed() - *looked_at_) : std::chrono::microseconds{0};
}

void LogWorker::remove_old(const std::stop_token& stop) {
    if (kept_for_.count() == 0) {
        return;
    }
    // In this order: what gets a folder meanwhile has a log that is new.
    const auto kept = attempts_with_folders(data_dir_);
    const TimePoint before = clock_.now() - kept_for_;
    const auto ahead = clock_.from_host(TimePoint{}) - TimePoint{};  // of this host's clock, which files have
    const auto may_go = [&](const RunId& id) { return has_ended_before(id, before); };
    const int removed = remove_logs_before(data_dir_, before - ahead, kept, may_go, stop);
    if (removed > 0) {
        log_info("removed {} logs that were older than {} days", removed, kept_for_.count());
    }
}

/// What the store does not have, or not the end of, is as old as its file.
bool LogWorker::has_ended_before(const RunId& id, TimePoint before) {
    const auto run = runs_.find(id);
    return !run ||
           (run->status == RunStatus::stopped && run->shown_finished_at().value_or(TimePoint{}) < before);
}

void LogWorker::compress_left(const std::stop_token& stop) {
    for (const auto& folder : log_folders(data_dir_)) {
        // In this order: an attempt has a folder before it has a log, and until nothing is added to it.
        const auto logs = tidy_log_folder(folder);
        const auto alive = logs.empty() ? std::set<std::string>{} : attempts_with_folders(data_dir_);
        for (const auto& log : logs) {
            if (stop.stop_requested()) {
                return;
            }
            if (!alive.contains(attempt_of_log(log))) {
                compress(log, stop);
            }
        }
    }
}

void LogWorker::compress(const std::filesystem::path& log, const std::stop_token& stop) {
    try {
        if (const auto sizes = compress_log(log, stop)) {
            compressed_.add();
            bytes_before_.add(static_cast<double>(sizes->before));
            bytes_after_.add(static_cast<double>(sizes->after));
        }
    } catch (const std::exception& error) {
        log_warning("the log {} stays as it is, it cannot be compressed: {}", log.string(), error.what());
    }
}

}  // namespace flotilla
