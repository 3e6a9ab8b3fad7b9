#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/engine.hpp"
#include "simulation/hazards.hpp"
#include "simulation/plan.hpp"
#include "simulation/timeline.hpp"

namespace flotilla::simulation {

/// What happened, one line an event, in words; kept only where it is wanted.
class Story {
public:
    Story(Timeline& timeline, bool is_told) : timeline_(timeline), is_told_(is_told) {}

    template <typename... Args>
    void tell(fmt::format_string<Args...> format, Args&&... args) {
        if (is_told_) {
            add(fmt::format(format, std::forward<Args>(args)...));
        }
    }
    [[nodiscard]] bool is_told() const { return is_told_; }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    void add(const std::string& line);

    Timeline& timeline_;
    bool is_told_;
    std::string text_;
};

/// Of what somebody is woken for.
constexpr Duration longest_delay = std::chrono::milliseconds{300};

/// A promise that was broken.
struct Breach {
    std::string promise;
    std::string how;
};

/// Keeps the first breach.
class Judge {
public:
    template <typename... Args>
    void broken(std::string_view promise, fmt::format_string<Args...> format, Args&&... args) {
        if (!breach_) {
            breach_ = Breach{std::string(promise), fmt::format(format, std::forward<Args>(args)...)};
        }
    }
    [[nodiscard]] const std::optional<Breach>& breach() const { return breach_; }

private:
    std::optional<Breach> breach_;
};

/// What the world did and what clients were told, to compare the store with.
struct Witness {
    std::map<AttemptName, std::set<int>> exit_codes;      ///< with which its container ended
    std::set<AttemptName> at_engine;                      ///< of which an engine has something
    std::set<AttemptName> started;                        ///< whose process started
    std::set<AttemptName> ended_by_stop;                  ///< which the engine made end after its start
    std::set<std::string> asked_for_retry;                ///< runs that reported NEEDS_RETRY of themselves
    std::map<std::string, std::set<int>> reported_codes;  ///< by run: those of its own reports
    std::map<std::string, Call> accepted;                 ///< by run: executes that were answered with it
    std::set<int> refused;                                ///< executes that were answered with a mistake
    std::map<std::string, TimePoint> stops;               ///< by run: when a stop was acknowledged first
    bool was_deferred = false;                            ///< some attempt, for want of room
    std::set<std::string> removed_definitions;            ///< whose removal was asked for
};

/// What all parts of one history share.
struct History {
    History(const Plan& of, bool is_told) : plan(of), story(timeline, is_told), hazards(of.hazards) {}

    const Plan& plan;
    Timeline timeline;
    Story story;
    Judge judge;
    Witness witness;
    Hazards hazards;
    bool is_calm = false;
};

}  // namespace flotilla::simulation
