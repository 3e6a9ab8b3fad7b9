#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/guarded.hpp"

namespace flotilla {

/// Task definitions of which no task can be started now, though it can of others: each is tried again after a
/// while, longer each time, by one for all its runs. `clock` outlives this object. Safe to use from any
/// thread.
class DefinitionPauses {
public:
    explicit DefinitionPauses(Clock& clock) : clock_(clock) {}

    /// Why none is to be started of it now; nothing if the caller is to try, and nobody else meanwhile.
    [[nodiscard]] std::optional<std::string> reason(const std::string& definition);
    void begin(const std::string& definition, const std::string& why);
    void end(const std::string& definition);
    /// Whoever was to try learned nothing of it: another may.
    void leave(const std::string& definition);
    /// Which they are, and why, in one line; nothing if there are none.
    [[nodiscard]] std::optional<std::string> text();

private:
    struct Pause {
        std::string why;
        std::chrono::microseconds duration{};
        std::chrono::microseconds until{};  ///< `Clock::elapsed`
        bool is_tried = false;              ///< somebody is at it, until then
    };
    Clock& clock_;
    Guarded<std::map<std::string, Pause>> pauses_;  ///< by ARN
};

}  // namespace flotilla
