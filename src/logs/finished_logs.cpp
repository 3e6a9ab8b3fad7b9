#include "logs/finished_logs.hpp"

#include <system_error>
#include <utility>

namespace flotilla {

void FinishedLogs::add(std::filesystem::path log) {
    std::error_code error;
    const auto size = std::filesystem::file_size(log, error);
    if (error || size < least_size_) {
        return;
    }
    logs_.lock()->push_back(std::move(log));
    came_.notify();
}

std::optional<std::filesystem::path> FinishedLogs::take() {
    auto logs = logs_.lock();
    if (logs->empty()) {
        return std::nullopt;
    }
    auto first = std::move(logs->front());
    logs->pop_front();
    return first;
}

}  // namespace flotilla
