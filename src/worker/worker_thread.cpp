#include "worker/worker_thread.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "store/sql.hpp"

namespace flotilla {

namespace {
constexpr std::chrono::microseconds rest_after_failure = std::chrono::seconds{1};
}

WorkerThread::WorkerThread(std::string name, Worker& worker, Wake& wake)
    : name_(std::move(name)),
      worker_(worker),
      wake_(wake),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void WorkerThread::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        wake_.wait(stop, step_until_idle(stop));
    }
}

std::chrono::microseconds WorkerThread::step_until_idle(const std::stop_token& stop) {
    try {
        while (!stop.stop_requested() && worker_.step(stop)) {
        }
        return std::max(worker_.rest(), std::chrono::microseconds{0});
    } catch (const SqlAway&) {
        return rest_after_failure;
    } catch (const std::exception& error) {
        log_error("{} worker: {}", name_, error.what());
        return rest_after_failure;
    }
}

}  // namespace flotilla
