#include "store/write_queue.hpp"

#include <utility>

#include "base/thread_pool.hpp"

namespace flotilla {

void WriteQueue::write(const SqlDatabase::Work& work) {
    Request request{&work, {}};
    auto done = request.done.get_future();
    waiting_.lock()->push_back(&request);
    arrived_.notify_one();
    const BlockingSection waiting;
    done.get();
}

WriteQueue::Batch WriteQueue::next(const std::stop_token& stop, std::size_t most) {
    auto waiting = waiting_.lock();
    arrived_.wait(waiting.lock(), stop, [&] { return !waiting->empty(); });
    Batch batch;
    while (!waiting->empty() && batch.size() < most) {
        batch.push_back(waiting->front());
        waiting->pop_front();
    }
    return batch;
}

void WriteQueue::answer(const Batch& batch, const Outcomes& outcomes) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        // The request goes away as soon as its owner is told, so the promise must not live in it any more.
        auto done = std::move(batch[i]->done);
        if (outcomes[i]) {
            done.set_exception(outcomes[i]);
        } else {
            done.set_value();
        }
    }
}

}  // namespace flotilla
