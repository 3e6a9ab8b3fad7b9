#include "base/thread_pool.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <system_error>
#include <utility>

namespace flotilla {

namespace {

/// A task that takes longer counts as one that waits.
constexpr auto watch_interval = std::chrono::milliseconds(5);

}  // namespace

thread_local ThreadPool::Worker* ThreadPool::this_worker = nullptr;
thread_local ThreadPool* ThreadPool::this_pool = nullptr;

ThreadPool::ThreadPool(std::size_t most_threads, std::size_t most_running)
    : most_threads_(most_threads),
      most_running_(most_running != 0 ? most_running : std::max(1U, std::thread::hardware_concurrency())),
      watcher_([this] { watch(); }) {}

ThreadPool::~ThreadPool() {
    stop();
}

void ThreadPool::post(Task task, Weight weight) {
    const Lock lock(mutex_);
    if (is_stopping_) {
        return;
    }
    (weight == Weight::heavy ? heavy_tasks_ : tasks_).push_back(std::move(task));
    if (count_to_begin() == 0) {
        return;
    }
    if (running_ < most_running_) {
        wake_one();
    } else {
        begin_watching();
    }
}

void ThreadPool::stop() {
    {
        const Lock lock(mutex_);
        if (std::exchange(is_stopping_, true)) {
            return;
        }
        tasks_.clear();
        heavy_tasks_.clear();
        watch_.notify_one();
        for (Worker* worker : idle_) {
            worker->wake.notify_one();
        }
    }
    watcher_.join();
    for (Worker& worker : workers_) {
        worker.thread.join();
    }
}

/// Lets one more worker run, if there is one to spare.
void ThreadPool::wake_one() {
    if (!idle_.empty()) {
        Worker& worker = *idle_.back();
        idle_.pop_back();
        worker.is_idle = false;
        end_waiting(worker);
        worker.wake.notify_one();
    } else if (workers_.size() < most_threads_) {
        Worker& worker = workers_.emplace_back();
        try {
            worker.thread = std::thread([this, &worker] { work(worker); });
        } catch (const std::system_error&) {  // no more threads are to be had
            workers_.pop_back();
            if (workers_.empty()) {
                throw;
            }
            return;
        }
        end_waiting(worker);
    }
}

void ThreadPool::work(Worker& worker) {
    this_worker = &worker;
    this_pool = this;
    Lock lock(mutex_);
    while (!is_stopping_) {
        if (count_to_begin() > 0) {
            run_next(lock, worker);
        }
        if (count_to_begin() == 0 || running_ > most_running_) {
            if (count_to_begin() > 0) {
                begin_watching();  // the others may take long
            }
            begin_waiting(worker);
            worker.is_idle = true;
            idle_.push_back(&worker);
            worker.wake.wait(lock, [&] { return !worker.is_idle || is_stopping_; });
        }
    }
}

bool ThreadPool::may_begin_heavy() const {
    return !heavy_tasks_.empty() && heavy_running_ < most_running_;
}

std::size_t ThreadPool::count_to_begin() const {
    return tasks_.size() +
           (may_begin_heavy() ? std::min(heavy_tasks_.size(), most_running_ - heavy_running_) : 0);
}

void ThreadPool::run_next(Lock& lock, Worker& worker) {
    const bool is_heavy = may_begin_heavy() && (is_turn_of_heavy_ || tasks_.empty());
    is_turn_of_heavy_ = !is_heavy;
    auto& tasks = is_heavy ? heavy_tasks_ : tasks_;
    Task task = std::move(tasks.front());
    tasks.pop_front();
    ++worker.tasks;
    worker.is_heavy = is_heavy;
    heavy_running_ += is_heavy ? 1 : 0;
    lock.unlock();
    task();
    task = nullptr;  // what it holds goes away before the lock is taken
    lock.lock();
    heavy_running_ -= is_heavy ? 1 : 0;
    end_waiting(worker);
}

void ThreadPool::begin_waiting(Worker& worker) {
    running_ -= std::exchange(worker.is_counted, false) ? 1 : 0;
}

void ThreadPool::end_waiting(Worker& worker) {
    running_ += std::exchange(worker.is_counted, true) ? 0 : 1;
}

void ThreadPool::begin_watching() {
    if (!is_watching_) {
        is_watching_ = true;
        watch_.notify_one();
    }
}

/// Finds tasks that take long while others wait for their turn.
void ThreadPool::watch() {
    Lock lock(mutex_);
    while (!is_stopping_) {
        watch_.wait(lock, [&] { return is_watching_ || is_stopping_; });
        std::map<const Worker*, std::size_t> begun;
        while (count_to_begin() > 0 && !is_stopping_) {
            begun.clear();
            for (const Worker& worker : workers_) {
                begun.emplace(&worker, worker.tasks);
            }
            watch_.wait_for(lock, watch_interval, [&] { return is_stopping_; });
            for (Worker& worker : workers_) {
                const auto known = begun.find(&worker);
                if (!worker.is_idle && known != begun.end() && known->second == worker.tasks) {
                    begin_waiting(worker);
                }
            }
            for (std::size_t i = count_to_begin(); i > 0 && running_ < most_running_; --i) {
                wake_one();
            }
        }
        is_watching_ = false;
    }
}

BlockingSection::BlockingSection(WaitsFor what) {
    if (ThreadPool* pool = ThreadPool::this_pool) {
        const ThreadPool::Lock lock(pool->mutex_);
        ++ThreadPool::this_worker->sections;
        if (what == WaitsFor::somebody_else) {
            was_heavy_ = std::exchange(ThreadPool::this_worker->is_heavy, false);
            pool->heavy_running_ -= was_heavy_ ? 1 : 0;
        }
        pool->begin_waiting(*ThreadPool::this_worker);
        if (pool->count_to_begin() > 0 && pool->running_ < pool->most_running_) {
            pool->wake_one();
        }
    }
}

BlockingSection::~BlockingSection() {
    if (ThreadPool* pool = ThreadPool::this_pool) {
        const ThreadPool::Lock lock(pool->mutex_);
        if (was_heavy_) {
            ThreadPool::this_worker->is_heavy = true;
            ++pool->heavy_running_;
        }
        if (--ThreadPool::this_worker->sections == 0) {
            pool->end_waiting(*ThreadPool::this_worker);
        }
    }
}

}  // namespace flotilla
