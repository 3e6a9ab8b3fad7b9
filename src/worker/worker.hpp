#pragma once

#include <chrono>
#include <stop_token>

namespace flotilla {

/// One of the loops of the control plane, without the loop: a simulation calls `step` itself.
class Worker {
public:
    Worker() = default;
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    virtual ~Worker() = default;

    /// Does what there is to do now; true if there may be more at once. What it throws is logged, and it is
    /// called again after a while.
    virtual bool step(const std::stop_token& stop) = 0;
    /// How long to rest when there is nothing to do and nobody wakes it.
    [[nodiscard]] virtual std::chrono::microseconds rest() = 0;
};

}  // namespace flotilla
