#pragma once

#include <chrono>
#include <optional>

namespace flotilla {

/// Tells systemd, where it started this process, how it fares:
/// https://www.freedesktop.org/software/systemd/man/252/sd_notify.html
/// Elsewhere nothing happens.
class Supervisor {
public:
    /// How often it wants a sign of life; nothing if it wants none.
    [[nodiscard]] static std::optional<std::chrono::microseconds> wanted_interval();

    static void tell_ready();
    static void tell_alive();
    static void tell_stopping();
};

}  // namespace flotilla
