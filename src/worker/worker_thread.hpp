#pragma once

#include <string>
#include <thread>

#include "base/wake.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Runs a worker: steps while there is something to do, then rests until it is woken. Ends with the object.
class WorkerThread {
public:
    WorkerThread(std::string name, Worker& worker, Wake& wake);

private:
    void run(const std::stop_token& stop);
    /// How long to rest then. A failure is logged, but for the database being away, which says so itself.
    std::chrono::microseconds step_until_idle(const std::stop_token& stop);

    std::string name_;
    Worker& worker_;
    Wake& wake_;
    std::jthread thread_;
};

}  // namespace flotilla
