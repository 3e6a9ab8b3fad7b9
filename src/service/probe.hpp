#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>

#include "base/guarded.hpp"

namespace flotilla {

struct ProbeLimits {
    std::chrono::milliseconds patience{1'500};  ///< how long an answer is waited for
    std::chrono::milliseconds fresh{500};       ///< how long one is good for all who ask
};

/// Asks one part of the server whether it works, without hanging when that part does: a check that does not
/// come back is waited for by all who ask, and no second one is started beside it. Safe to use from any
/// thread.
class Probe {
public:
    /// What is wrong, in one line; nothing if all is well. An exception is what is wrong, too.
    using Check = std::function<std::optional<std::string>()>;

    Probe(Check check, ProbeLimits limits) : check_(std::move(check)), limits_(limits) {}

    /// Begins a check if there is none that is fresh or under way.
    void begin();
    /// What the check says; `does not answer` if it does not by `deadline`.
    [[nodiscard]] std::optional<std::string> answer(std::chrono::steady_clock::time_point deadline);

private:
    using Answer = std::shared_future<std::optional<std::string>>;
    struct State {
        Answer answer;
        std::chrono::steady_clock::time_point asked_at;
    };

    Check check_;
    ProbeLimits limits_;
    Guarded<State> state_;  ///< last: going away waits for the check that is under way
};

}  // namespace flotilla
