#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace flotilla {

/// Threads for tasks of which many wait for something: only so many run at once as there are processors, the
/// one that ran last first, so that a task costs neither a switch between threads nor cold caches. A task
/// that waits makes room for another, at once where it says so by a `BlockingSection`, else after some
/// milliseconds. Threads are made when they are needed.
class ThreadPool {
public:
    using Task = std::function<void()>;  ///< must not throw
    enum class Weight { light, heavy };

    /// `most_running` 0: as many as this machine has processors.
    explicit ThreadPool(std::size_t most_threads, std::size_t most_running = 0);
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    /// Stops.
    ~ThreadPool();

    /// Runs the task on one of the threads. Tasks of one weight begin in the order in which they come. Of
    /// heavy ones there are never more at once than may run, but for those that wait for somebody else
    /// (`WaitsFor`), and while light ones wait, these begin in turn with them.
    void post(Task task, Weight weight = Weight::light);

    /// Forgets what has not begun and returns when nothing runs any more.
    void stop();

private:
    friend class BlockingSection;

    struct Worker {
        std::thread thread;
        std::condition_variable wake;
        std::size_t tasks = 0;     ///< begun so far
        std::size_t sections = 0;  ///< in which it says that it waits, one within the other
        bool is_counted = false;   ///< among those that run
        bool is_heavy = false;     ///< its task counts among the heavy ones
        bool is_idle = false;
    };
    using Lock = std::unique_lock<std::mutex>;

    static thread_local Worker* this_worker;
    static thread_local ThreadPool* this_pool;

    void work(Worker& worker);
    [[nodiscard]] bool may_begin_heavy() const;
    [[nodiscard]] std::size_t count_to_begin() const;
    void run_next(Lock& lock, Worker& worker);
    void begin_waiting(Worker& worker);
    void end_waiting(Worker& worker);
    void wake_one();
    void begin_watching();
    void watch();

    const std::size_t most_threads_;
    const std::size_t most_running_;
    std::mutex mutex_;
    std::deque<Task> tasks_;
    std::deque<Task> heavy_tasks_;
    std::size_t heavy_running_ = 0;
    bool is_turn_of_heavy_ = false;
    std::list<Worker> workers_;
    std::vector<Worker*> idle_;  ///< the one that ran last at the end
    std::size_t running_ = 0;    ///< workers that are counted
    bool is_watching_ = false;
    bool is_stopping_ = false;
    std::condition_variable watch_;
    std::thread watcher_;
};

/// What a task waits for.
enum class WaitsFor {
    this_host,      ///< or what answers as surely: a heavy task stays one of the few
    somebody_else,  ///< who may not answer: another heavy task may begin meanwhile
};

/// Says, while it lives, that this thread waits: if it is one of a pool's, another may run meanwhile.
class BlockingSection {
public:
    explicit BlockingSection(WaitsFor what = WaitsFor::this_host);
    BlockingSection(const BlockingSection&) = delete;
    BlockingSection& operator=(const BlockingSection&) = delete;
    ~BlockingSection();

private:
    bool was_heavy_ = false;  ///< and is not counted so now
};

}  // namespace flotilla
