#pragma once

#include "worker/engine_recorder.hpp"
#include "worker/worker.hpp"

namespace flotilla {

/// Applies an engine's news as it comes. A part of the status worker.
class NewsWorker final : public Worker {
public:
    NewsWorker(Engine& engine, EngineRecorder& recorder) : engine_(engine), recorder_(recorder) {}

    bool step(const std::stop_token& stop) override;
    std::chrono::microseconds rest() override { return std::chrono::microseconds{0}; }

private:
    Engine& engine_;
    EngineRecorder& recorder_;
    /// Came, but is not stored yet: kept when the store fails.
    std::vector<EngineNews> news_;
};

}  // namespace flotilla
