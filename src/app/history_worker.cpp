#include "app/history_worker.hpp"

#include "base/log.hpp"
#include "logs/file/log_retention.hpp"

namespace flotilla {

namespace {

constexpr std::int64_t most_at_once = 100;
constexpr std::chrono::microseconds until_more = std::chrono::milliseconds{20};
constexpr std::chrono::microseconds until_next_look = std::chrono::minutes{10};

}  // namespace

bool HistoryWorker::step(const std::stop_token&) {
    const auto begin = clock_.elapsed();
    const auto runs = remove_runs();
    const auto logs = remove_logs();
    removed_ += runs;
    if (runs < most_at_once && logs < most_at_once) {
        tell();
        rest_ = until_next_look;
    } else {
        rest_ = until_more + (clock_.elapsed() - begin);
    }
    return false;
}

std::int64_t HistoryWorker::remove_runs() {
    if (kept_for_.count() == 0) {
        return 0;
    }
    const auto now = clock_.now();
    return history_.remove_finished(now - kept_for_, now, most_at_once);
}

std::int64_t HistoryWorker::remove_logs() {
    const auto runs = history_.logs_to_remove(most_at_once);
    if (!runs.empty()) {
        for (const RunId& run : runs) {
            remove_logs_of(data_dir_, run);
        }
        history_.logs_are_removed(runs);
    }
    return static_cast<std::int64_t>(runs.size());
}

void HistoryWorker::tell() {
    if (removed_ > 0) {
        log_info("removed {} runs that finished more than {} days ago", removed_, kept_for_.count());
        removed_ = 0;
    }
}

}  // namespace flotilla
