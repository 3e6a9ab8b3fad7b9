#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "core/lifecycle.hpp"
#include "core/needs.hpp"
#include "core/run.hpp"

namespace flotilla {

/// The name that an attempt bears at its engine: at most one object of that name is ever started.
struct AttemptName {
    RunId run;
    int number = 1;
    /// `<run_id>.<number>`
    [[nodiscard]] std::string text() const { return run.value + "." + std::to_string(number); }
    auto operator<=>(const AttemptName&) const = default;
};

/// What an engine is asked to run.
struct Task {
    AttemptName name;
    std::string image;
    std::string image_digest;  ///< `sha256:...`: which image it is; empty: the one that the name stands for
    std::string command;
    Env env;  ///< complete but for the image's own variables and the secrets, each name once
    std::vector<std::string> secrets;  ///< names; the values come into the container only
    std::int64_t memory = 0;           ///< MiB
    std::optional<std::int64_t> cpu;   ///< 1/1000 of a core
    std::optional<std::int64_t> gpu;   ///< how many GPUs
    std::vector<int> ports;
    std::string user;              ///< empty: the image's
    std::string engine_request{};  ///< `Run::engine_request`
};

/// The engine has it: it will start, or has started, or has ended already.
struct SubmitAccepted {
    std::string handle;  ///< the engine's own name for it
};
/// The engine takes nothing now, whatever it is: it is offered nothing for a while.
struct TryLater {
    std::string reason;
};
/// The engine takes others, but has no room for this one: nor for what needs as much of what is lacking.
struct NoRoom {
    std::set<Scarce> lacking;  ///< what the task asks for, and never nothing
    std::string reason;
};
/// The engine takes others, but cannot start this one now, whatever room there is.
struct NotYet {
    /// Whom else: nobody, or all that was made of the same `Revision`.
    enum class Concerns { run, revision };
    std::string reason;
    Concerns concerns = Concerns::run;
};
/// It can never start; ends the attempt.
struct Refused {
    ExitClass exit_class = ExitClass::rejected;
    std::string reason;
};
/// After all but the first and the last the attempt stays queued, keeps its age, and is offered again, slower
/// each time.
using SubmitOutcome = std::variant<SubmitAccepted, TryLater, NoRoom, NotYet, Refused>;

/// The engine has it and has not started it.
struct NotStarted {
    std::string waiting_for;  ///< one sentence for people, such as an image pull
};
/// What an engine knows of an attempt. `Ended::retry` is not the engine's to say; `Ended::started` is: what
/// the platform repeats has not started.
using Observation = std::variant<NotStarted, Started, Ended>;

/// Something that an engine noticed.
struct EngineNews {
    AttemptName name;
    Observation observation;
};

/// An attempt that an engine took, as the store has it.
struct TakenAttempt {
    AttemptName name;
    std::string handle;       ///< that the engine gave; empty: not known
    std::int64_t memory = 0;  ///< MiB
};

/// Runs containers. One object serves one cluster.
/// Safe to call from any thread. Every call but `wait_for_news` answers within seconds: what takes longer (an
/// image pull) goes on after `submit` has answered. Throws `unavailable` when the engine cannot be reached.
class Engine {
public:
    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    virtual ~Engine() = default;

    /// Starts the task, or adopts the object of that name if there is one: it is never started twice.
    virtual SubmitOutcome submit(const Task& task) = 0;

    /// How many calls of `submit` are worth making at once: more than one where each waits for a network.
    [[nodiscard]] virtual std::size_t submits_at_once() const { return 1; }

    /// Asks it to end: SIGTERM, and SIGKILL after `grace`. Nothing happens if it is unknown or has ended. May
    /// be called again; the first call's deadline stays.
    virtual void stop(const AttemptName& name, std::chrono::seconds grace) = 0;

    /// What is known of it now; nothing if the engine has no object of that name.
    [[nodiscard]] virtual std::optional<Observation> inspect(const AttemptName& name) = 0;

    /// Waits for news, at most `timeout` or until `stop`. News may be lost by a crash and may come twice;
    /// `inspect` tells the truth.
    [[nodiscard]] virtual std::vector<EngineNews> wait_for_news(std::stop_token stop,
                                                                std::chrono::milliseconds timeout) = 0;

    /// Tells the engine that the end of this attempt is stored: it removes all but the log.
    virtual void forget(const AttemptName& name) = 0;

    /// The names of all objects that it has, also ended ones that were not forgotten.
    [[nodiscard]] virtual std::vector<AttemptName> list() = 0;

    /// Tells it of the live attempts of its cluster that it took, before it is asked for them: an engine
    /// whose objects are elsewhere finds them by their handles. It may look for those that it has not heard
    /// of.
    virtual void remember(const std::vector<TakenAttempt>&) {}

    /// Why it does not know an attempt any more that it took: one sentence, without its end.
    [[nodiscard]] virtual std::string why_unknown() { return "the engine no longer knows this run"; }

    /// Tries what starting a run needs, and says in one line why none could be started now; nothing if all is
    /// well. Answers in milliseconds as a rule and leaves no trace.
    [[nodiscard]] virtual std::optional<std::string> trouble() = 0;

    /// What it does without, though runs can be started: one line each, with why. Answers at once.
    [[nodiscard]] virtual std::vector<std::string> losses() { return {}; }
};

}  // namespace flotilla
