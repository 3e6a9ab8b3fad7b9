#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "simulation/plan.hpp"

namespace flotilla::test {

/// A job as a shell command, and as the simulation has it.
struct ContractJob {
    std::string command;
    simulation::Life life = {};
    std::string image = "base";
};

/// An engine with what it needs.
class EngineUnderTest {
public:
    EngineUnderTest() = default;
    EngineUnderTest(const EngineUnderTest&) = delete;
    EngineUnderTest& operator=(const EngineUnderTest&) = delete;
    virtual ~EngineUnderTest() = default;

    [[nodiscard]] virtual Engine& engine() = 0;
    /// As when the server ends and begins again: what the engine only remembered is lost.
    virtual void restart() = 0;
    /// Of a job that never was there before.
    [[nodiscard]] virtual Task task_of(const ContractJob& job) = 0;
    /// Of a job for which the engine has no room, though it takes others.
    [[nodiscard]] virtual Task too_large() = 0;
    /// What the job wrote so far; nothing if jobs of this engine write nothing.
    [[nodiscard]] virtual std::optional<std::string> log_of(const AttemptName& name) const = 0;
};

/// How one kind of engine is made.
struct EngineKind {
    std::string name;
    std::function<std::unique_ptr<EngineUnderTest>()> make;
};

[[nodiscard]] std::unique_ptr<EngineUnderTest> make_local_engine();
[[nodiscard]] std::unique_ptr<EngineUnderTest> make_docker_engine();
[[nodiscard]] std::unique_ptr<EngineUnderTest> make_ecs_engine();
/// That of the simulation.
[[nodiscard]] std::unique_ptr<EngineUnderTest> make_scripted_engine();

}  // namespace flotilla::test
