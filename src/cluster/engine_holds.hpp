#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "core/needs.hpp"

namespace flotilla {

/// What the engine of a cluster could not start while it starts others: single runs for causes of their own,
/// all that was made of a revision of a definition, and sizes for which it has no room. Each is held for a
/// while, longer each time, and then tried again. Lost with the process: a new one asks anew. Times are those
/// of `Clock::elapsed`. Safe to use from any thread.
class EngineHolds {
public:
    using Time = std::chrono::microseconds;
    static constexpr Time shortest = std::chrono::milliseconds{200};
    static constexpr Time longest = std::chrono::seconds{30};

    /// This run cannot be started, for a cause of its own. For how long it is held.
    Time hold(const RunId& run, std::string reason, Time now);
    /// Nothing that was made of it can be started. Of one that is held already nothing new is known. For how
    /// long it is held.
    Time hold(const Revision& revision, std::string reason, Time now);
    /// There is no room for that size. Of a size that is held already nothing new is known. For how long it
    /// is held.
    Time hold(Oversize size, std::string reason, Time now);
    /// The engine has the run, or has refused it.
    void release(const RunId& run);
    /// What was made of it can be started, for all that is known.
    void release(const Revision& revision);
    /// There was room for that.
    void release(const Needs& needs);

    /// What is held at that time.
    [[nodiscard]] HeldRuns held(Time now);
    /// When the first of what is held then may be tried again; nothing if nothing is.
    [[nodiscard]] std::optional<Time> next_try(Time now);
    /// What the run waits for, as one sentence; nothing if it is not held, and was not lately.
    [[nodiscard]] std::optional<std::string> reason(const Run& run);
    /// Which definitions are held, or were lately, and why, in one line; nothing if none are.
    [[nodiscard]] std::optional<std::string> loss();

private:
    struct Hold {
        std::string reason;
        Time duration{};
        Time until{};
    };
    struct SizeHold {
        Oversize size;
        Hold hold;
    };
    struct State {
        std::map<RunId, Hold> runs;
        std::map<Revision, Hold> revisions;
        std::vector<SizeHold> sizes;
    };
    static Time lengthen(Hold& hold, std::string reason, Time now);
    static void forget_old(State& state, Time now);

    Guarded<State> state_;
};

}  // namespace flotilla
