#pragma once

#include <mutex>
#include <random>

namespace flotilla {

/// Where the control plane takes chance from, so that a simulation can repeat it.
class Random {
public:
    Random() = default;
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;
    virtual ~Random() = default;
    /// A number of at least 0 and less than 1.
    [[nodiscard]] virtual double unit() = 0;
};

/// Seeded by the system. Safe to call from any thread.
class SystemRandom final : public Random {
public:
    double unit() override {
        const std::lock_guard lock(mutex_);
        return std::uniform_real_distribution<double>(0.0, 1.0)(engine_);
    }

private:
    std::mutex mutex_;
    std::mt19937_64 engine_{std::random_device{}()};
};

}  // namespace flotilla
