#pragma once

#include <optional>
#include <string>

#include "base/guarded.hpp"

namespace flotilla {

/// Why an engine is not asked for something at the moment: it had no room or no answer, or refused, and is
/// asked again later.
/// For people only; nothing is decided by it. Safe to use from any thread.
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
