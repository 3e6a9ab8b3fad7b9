#pragma once

#include <string>

#include "simulation/process.hpp"
#include "simulation/world.hpp"

namespace flotilla::simulation {

/// The engine of one process: its way to the world.
class ScriptedEngine final : public Engine {
public:
    ScriptedEngine(Process& process, Timeline& timeline, World& world)
        : process_(process), timeline_(timeline), world_(world) {}

    SubmitOutcome submit(const Task& task) override {
        return process_.call(Place::submit, [&](const Hazard*) { return world_.submit(task); });
    }
    void stop(const AttemptName& name, std::chrono::seconds grace) override {
        process_.call(Place::stop, [&](const Hazard*) { world_.stop(name, grace); });
    }
    [[nodiscard]] std::optional<Observation> inspect(const AttemptName& name) override {
        return process_.call(Place::inspect, [&](const Hazard*) { return world_.inspect(name); });
    }
    [[nodiscard]] std::vector<EngineNews> wait_for_news(std::stop_token stop,
                                                        std::chrono::milliseconds timeout) override {
        process_.require_alive();
        if (!world_.has_news() && !stop.stop_requested()) {
            timeline_.wait(world_.news_bell(), timeout);
        }
        process_.require_alive();
        if (!world_.has_news()) {
            return {};
        }
        return process_.call(Place::wait_for_news, [&](const Hazard*) { return world_.fetch_news(); });
    }
    void forget(const AttemptName& name) override {
        process_.call(Place::forget, [&](const Hazard*) { world_.forget(name); });
    }
    [[nodiscard]] std::vector<AttemptName> list() override {
        return process_.call(Place::list, [&](const Hazard*) { return world_.list(); });
    }
    [[nodiscard]] std::optional<std::string> trouble() override { return std::nullopt; }

private:
    Process& process_;
    Timeline& timeline_;
    World& world_;
};

}  // namespace flotilla::simulation
