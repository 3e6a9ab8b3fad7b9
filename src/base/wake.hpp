#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace flotilla {

/// "Look now": wakes a worker without telling it anything. A wake-up that comes while nobody waits is kept.
class Wake {
public:
    void notify() {
        {
            const std::lock_guard lock(mutex_);
            pending_ = true;
        }
        condition_.notify_all();
    }

    /// Waits until notified, at most `timeout`, or until `stop` is requested.
    void wait(std::stop_token stop, std::chrono::microseconds timeout) {
        std::unique_lock lock(mutex_);
        condition_.wait_for(lock, std::move(stop), timeout, [&] { return pending_; });
        pending_ = false;
    }

    /// Whether it was notified since somebody last waited or took: for those who wait in a way of their own.
    [[nodiscard]] bool take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(pending_, false);
    }

private:
    std::mutex mutex_;
    std::condition_variable_any condition_;
    bool pending_ = false;
};

}  // namespace flotilla
