#pragma once

#include <chrono>
#include <condition_variable>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/guarded.hpp"
#include "engine/engine.hpp"

namespace flotilla {

/// The news of an engine, until somebody takes them.
class NewsBox {
public:
    void put(const AttemptName& name, Observation observation) {
        news_.lock()->push_back({name, std::move(observation)});
        came_.notify_all();
    }

    /// As `Engine::wait_for_news`.
    [[nodiscard]] std::vector<EngineNews> take(std::stop_token stop, std::chrono::milliseconds timeout) {
        auto news = news_.lock();
        came_.wait_for(news.lock(), std::move(stop), timeout, [&] { return !news->empty(); });
        return std::exchange(*news, {});
    }

private:
    Guarded<std::vector<EngineNews>> news_;
    std::condition_variable_any came_;
};

}  // namespace flotilla
