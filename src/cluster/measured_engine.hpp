#pragma once

#include <memory>
#include <string>

#include "engine/engine.hpp"
#include "metrics/metric_registry.hpp"

namespace flotilla {

/// An engine whose calls are counted: what became of submissions, and the calls that failed.
class MeasuredEngine final : public Engine {
public:
    /// The registry outlives this object.
    MeasuredEngine(std::unique_ptr<Engine> engine, MetricRegistry& registry, const std::string& cluster);

    SubmitOutcome submit(const Task& task) override;
    [[nodiscard]] std::size_t submits_at_once() const override { return engine_->submits_at_once(); }
    void stop(const AttemptName& name, std::chrono::seconds grace) override;
    [[nodiscard]] std::optional<Observation> inspect(const AttemptName& name) override;
    [[nodiscard]] std::vector<EngineNews> wait_for_news(std::stop_token stop,
                                                        std::chrono::milliseconds timeout) override;
    void forget(const AttemptName& name) override;
    [[nodiscard]] std::vector<AttemptName> list() override;
    void remember(const std::vector<TakenAttempt>& attempts) override;
    [[nodiscard]] std::string why_unknown() override { return engine_->why_unknown(); }
    [[nodiscard]] std::optional<std::string> trouble() override;
    [[nodiscard]] std::vector<std::string> losses() override { return engine_->losses(); }

private:
    template <typename Call>
    auto counting_errors(Call call);

    std::unique_ptr<Engine> engine_;
    Counter accepted_;
    Counter deferred_;
    Counter refused_;
    Counter errors_;
    Histogram submit_durations_;
};

}  // namespace flotilla
