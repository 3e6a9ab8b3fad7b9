#pragma once

#include "cli/command.hpp"

namespace flotilla {

/// A Pause of real time and the process's own Ctrl-C (SIGINT). One at a time in a process.
class InterruptiblePause final : public Pause {
public:
    [[nodiscard]] Outcome wait(std::chrono::milliseconds time) override;
};

}  // namespace flotilla
