#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <future>
#include <stop_token>
#include <vector>

#include "base/guarded.hpp"
#include "store/sql.hpp"

namespace flotilla {

/// Work that waits for the threads that write: what has come meanwhile is committed together (group commit).
class WriteQueue {
public:
    struct Request {
        const SqlDatabase::Work* work;
        std::promise<void> done;
    };
    using Batch = std::vector<Request*>;
    using Outcomes = std::vector<std::exception_ptr>;  ///< one for each request; null: it is durable

    /// Has a writing thread do the work, and waits for its outcome.
    void write(const SqlDatabase::Work& work);

    /// For a writing thread: waits for work and takes at most so much of it; nothing when it is to stop. Each
    /// batch has to be answered.
    [[nodiscard]] Batch next(const std::stop_token& stop, std::size_t most);
    static void answer(const Batch& batch, const Outcomes& outcomes);

private:
    Guarded<std::deque<Request*>> waiting_;
    std::condition_variable_any arrived_;
};

}  // namespace flotilla
