#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "base/file.hpp"
#include "base/guarded.hpp"
#include "engine/engine.hpp"

namespace flotilla {

/// Waits for the ends of processes that need not be children of ours. Safe to call from any thread.
class ProcessWatch {
public:
    ProcessWatch();

    /// `process` is a pidfd; it is watched until it ends or is closed.
    void add(const AttemptName& name, const UniqueFd& process);
    /// Those that have ended, each told once. Returns early when woken.
    [[nodiscard]] std::vector<AttemptName> wait(std::chrono::milliseconds timeout);
    void wake();

private:
    UniqueFd epoll_;
    UniqueFd event_;
    struct Watched {
        std::uint64_t last_id = 0;  ///< 0 is the event's
        std::map<std::uint64_t, AttemptName> names;
    };
    Guarded<Watched> watched_;
};

}  // namespace flotilla
