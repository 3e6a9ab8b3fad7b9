#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace flotilla {

/// A value that can only be reached while its lock is held.
template <typename Value>
class Guarded {
public:
    Guarded() = default;
    explicit Guarded(Value value) : value_(std::move(value)) {}

    class Locked {
    public:
        Locked(std::mutex& mutex, Value& value) : lock_(mutex), value_(&value) {}
        Value& operator*() { return *value_; }
        Value* operator->() { return value_; }
        /// The lock itself, for waiting on a condition variable.
        std::unique_lock<std::mutex>& lock() { return lock_; }

    private:
        std::unique_lock<std::mutex> lock_;
        Value* value_;
    };

    [[nodiscard]] Locked lock() { return Locked(mutex_, value_); }

private:
    std::mutex mutex_;
    Value value_{};
};

}  // namespace flotilla
