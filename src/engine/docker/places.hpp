#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace flotilla {

/// So many threads may do something at once. Safe to call from any thread.
class Places {
public:
    explicit Places(int count) : free_(count) {}

    /// A place that is held; given back at the end.
    class Place {
    public:
        explicit Place(Places* of) : of_(of) {}
        Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() {
            if (of_ != nullptr) {
                of_->give_back();
            }
        }
        [[nodiscard]] explicit operator bool() const { return of_ != nullptr; }

    private:
        Places* of_;
    };

    /// Waits for one; none once `stop` is requested.
    [[nodiscard]] Place take(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (!freed_.wait(lock, stop, [&] { return free_ > 0; }) || stop.stop_requested()) {
            return Place(nullptr);
        }
        --free_;
        return Place(this);
    }

private:
    void give_back() {
        {
            const std::lock_guard lock(mutex_);
            ++free_;
        }
        freed_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable_any freed_;
    int free_;
};

}  // namespace flotilla
