#pragma once

#include <optional>
#include <string>

#include "base/guarded.hpp"

namespace flotilla {

/// Why an engine is not asked for something at the moment: it takes nothing or gave no answer, and is asked
/// again later. For people: whoever begins or ends it tells that once. Safe to use from any thread.
class EnginePause {
public:
    void begin(std::string reason) { *reason_.lock() = std::move(reason); }
    void end() { reason_.lock()->reset(); }
    /// Nothing if it is not paused.
    [[nodiscard]] std::optional<std::string> reason() { return *reason_.lock(); }

private:
    Guarded<std::optional<std::string>> reason_;
};

}  // namespace flotilla
