#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <sys/types.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/guarded.hpp"
#include "engine/local/launcher/protocol.hpp"

namespace flotilla {

/// The job's program was executed.
struct ContainerStarted {
    TimePoint at;
    UniqueFd process;  ///< pidfd of the container's init
};
/// It was not; nothing of the container is alive.
struct ContainerFailed {
    launcher::Cause cause = launcher::Cause::host;
    std::string reason;
};
/// Its init died before it could tell.
struct ContainerVanished {};
using LaunchOutcome = std::variant<ContainerStarted, ContainerFailed, ContainerVanished>;

/// What a container's init is born with.
struct ContainerFiles {
    int lock = -1;     ///< open file description that holds the run's lock
    int log = -1;      ///< opened with O_APPEND
    int network = -1;  ///< a network namespace
    std::vector<UniqueFd> cgroups;
};

/// Starts containers by way of a small process of its own (src/engine/local/launcher), which this binary
/// carries and which is started once. Safe to call from any thread; launches go on side by side.
class Launcher {
public:
    /// Throws std::system_error if the process cannot be started.
    Launcher();
    Launcher(const Launcher&) = delete;
    Launcher& operator=(const Launcher&) = delete;
    /// Ends the process; containers live on.
    ~Launcher();

    /// Starts a container and waits until its job is executed, some milliseconds as a rule, 20 seconds at
    /// most.
    [[nodiscard]] LaunchOutcome launch(const launcher::LaunchSpec& spec, const ContainerFiles& files);

    /// Why it cannot start containers, asked within a second; nothing if it can. A process that has died is
    /// started again. Throws std::system_error if it cannot be.
    [[nodiscard]] std::optional<std::string> trouble();

private:
    struct Process {
        pid_t pid = -1;
        UniqueFd control;
    };

    [[nodiscard]] static Process start();
    static void end(Process& process);
    [[nodiscard]] bool send(std::span<const int> fds);

    Guarded<Process> process_;
};

}  // namespace flotilla
