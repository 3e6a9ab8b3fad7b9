#include "app/log_worker.hpp"

#include "base/log.hpp"
#include "logs/file/log_retention.hpp"

namespace flotilla {

bool LogWorker::step(const std::stop_token& stop) {
    // In this order: what gets a folder meanwhile has a log that is new.
    const auto kept = attempts_with_folders(data_dir_);
    const int removed = remove_logs_before(data_dir_, clock_.now() - kept_for_, kept, stop);
    if (removed > 0) {
        log_info("removed {} logs that were older than {} days", removed, kept_for_.count());
    }
    return false;
}

}  // namespace flotilla
