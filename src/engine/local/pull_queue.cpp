#include "engine/local/pull_queue.hpp"

#include <utility>

namespace flotilla {

void PullQueue::add(const WantedImage& image, const AttemptName& name) {
    {
        const std::lock_guard lock(mutex_);
        auto& waiting = waiting_[image];
        if (waiting.empty()) {
            images_.push_back(image);
        }
        waiting.push_back(name);
    }
    changed_.notify_one();
}

std::optional<WantedImage> PullQueue::take(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, std::move(stop), [&] { return !images_.empty(); })) {
        return std::nullopt;
    }
    WantedImage image = std::move(images_.front());
    images_.pop_front();
    return image;
}

std::vector<AttemptName> PullQueue::finish(const WantedImage& image) {
    const std::lock_guard lock(mutex_);
    auto node = waiting_.extract(image);
    return node.empty() ? std::vector<AttemptName>{} : std::move(node.mapped());
}

bool PullQueue::pause(const std::stop_token& stop, std::chrono::milliseconds duration) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
}

}  // namespace flotilla
