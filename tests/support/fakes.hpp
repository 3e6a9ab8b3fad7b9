#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "engine/engine.hpp"
#include "image/image_check.hpp"
#include "logs/log_reader.hpp"
#include "support/sample_runs.hpp"

namespace flotilla::test {

/// A clock that stands still until it is moved. Begins at noon.
class FakeClock final : public Clock {
public:
    TimePoint now() override { return time; }
    TimePoint time = noon;
};

/// Chance that never takes anything away.
class NoRandom final : public Random {
public:
    double unit() override { return 0.0; }
};

/// id-1, id-2, ...
class CountingIdMaker final : public IdMaker {
public:
    std::string uuid() override { return "id-" + std::to_string(++count_); }

private:
    int count_ = 0;
};

/// An engine that does what the test says and remembers what it was asked.
class FakeEngine final : public Engine {
public:
    SubmitOutcome submit(const Task& task) override {
        submitted.push_back(task);
        if (unreachable) {
            throw unavailable("the engine does not answer");
        }
        if (std::holds_alternative<SubmitAccepted>(outcome)) {
            known.try_emplace(task.name, NotStarted{});
        }
        return outcome;
    }
    void stop(const AttemptName& name, std::chrono::seconds) override { stopped.push_back(name.text()); }
    std::optional<Observation> inspect(const AttemptName& name) override {
        const auto found = known.find(name);
        return found == known.end() ? std::nullopt : std::optional(found->second);
    }
    std::vector<EngineNews> wait_for_news(std::stop_token, std::chrono::milliseconds) override {
        return std::exchange(news, {});
    }
    void forget(const AttemptName& name) override {
        known.erase(name);
        forgotten.push_back(name.text());
    }
    std::vector<AttemptName> list() override {
        std::vector<AttemptName> names;
        for (const auto& [name, observation] : known) {
            names.push_back(name);
        }
        return names;
    }
    std::optional<std::string> trouble() override { return reported_trouble; }

    SubmitOutcome outcome = SubmitAccepted{"handle"};
    bool unreachable = false;
    std::optional<std::string> reported_trouble;
    std::vector<Task> submitted;
    std::vector<std::string> stopped;
    std::vector<std::string> forgotten;
    std::map<AttemptName, Observation> known;
    std::vector<EngineNews> news;
};

class FakeImageCheck final : public ImageCheck {
public:
    ImageAnswer check(const ImageReference&) override { return answer; }
    ImageAnswer answer = ImagePresent{};
};

class FakeLogReader final : public LogReader {
public:
    LogPage read(const Run&, std::string_view last_seen) override {
        return {text, std::string(last_seen) + "+"};
    }
    std::string text = "a line";
};

}  // namespace flotilla::test
