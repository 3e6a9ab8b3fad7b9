#include "simulation/scripted_engine.hpp"

#include <exception>
#include <optional>

#include "contract/engines.hpp"

namespace flotilla::test {

namespace {

using namespace simulation;

/// Has an actor of the simulation make each call, and lets simulated time pass until it has its answer.
class ActedEngine final : public Engine {
public:
    ActedEngine(Timeline& timeline, Engine& engine) : timeline_(timeline), engine_(engine) {}

    SubmitOutcome submit(const Task& task) override {
        return act<SubmitOutcome>([&] { return engine_.submit(task); });
    }
    void stop(const AttemptName& name, std::chrono::seconds grace) override {
        act<bool>([&] {
            engine_.stop(name, grace);
            return true;
        });
    }
    [[nodiscard]] std::optional<Observation> inspect(const AttemptName& name) override {
        return act<std::optional<Observation>>([&] { return engine_.inspect(name); });
    }
    [[nodiscard]] std::vector<EngineNews> wait_for_news(std::stop_token stop,
                                                        std::chrono::milliseconds timeout) override {
        return act<std::vector<EngineNews>>([&] { return engine_.wait_for_news(stop, timeout); });
    }
    void forget(const AttemptName& name) override {
        act<bool>([&] {
            engine_.forget(name);
            return true;
        });
    }
    [[nodiscard]] std::vector<AttemptName> list() override {
        return act<std::vector<AttemptName>>([&] { return engine_.list(); });
    }
    [[nodiscard]] std::optional<std::string> trouble() override { return engine_.trouble(); }

private:
    template <typename Answer>
    Answer act(const std::function<Answer()>& call) {
        std::optional<Answer> answer;
        timeline_.start({Role::submit, "the test"}, [&] { answer = call(); });
        while (!answer) {
            (void)timeline_.step(TimePoint::max());
        }
        return std::move(*answer);
    }

    Timeline& timeline_;
    Engine& engine_;
};

class ScriptedEngineUnderTest final : public EngineUnderTest {
public:
    ScriptedEngineUnderTest() { restart(); }

    [[nodiscard]] Engine& engine() override { return *acted_; }
    void restart() override {
        process_.emplace(history_, ++processes_);
        engine_.emplace(*process_, history_.timeline, world_);
        acted_.emplace(history_.timeline, *engine_);
        world_.lose_news();
        world_.tell_all_again();
    }
    [[nodiscard]] Task task_of(const ContractJob& job) override {
        Call call;
        call.number = static_cast<int>(plan_.calls.size()) + 1;
        call.lives[0] = job.life;
        plan_.calls.push_back(call);
        Task task;
        task.name = {{"r" + std::to_string(call.number)}, 1};
        task.memory = 64;
        return task;
    }
    [[nodiscard]] Task too_large() override {
        return task_of({.command = {}, .life = {.try_later = 1, .deferral = Life::Deferral::size}});
    }
    [[nodiscard]] std::optional<std::string> log_of(const AttemptName&) const override {
        return std::nullopt;
    }

private:
    Plan plan_;
    Cluster cluster_ = [] {
        Cluster cluster;
        cluster.name = "default";
        cluster.memory = 1 << 20;
        return cluster;
    }();
    History history_{plan_, false};
    MemoryDatabase database_;
    Ledger ledger_{history_, database_};
    World world_{history_, ledger_, cluster_};
    std::uint64_t processes_ = 0;
    std::optional<Process> process_;
    std::optional<ScriptedEngine> engine_;
    std::optional<ActedEngine> acted_;
};

}  // namespace

std::unique_ptr<EngineUnderTest> make_scripted_engine() {
    return std::make_unique<ScriptedEngineUnderTest>();
}

}  // namespace flotilla::test
