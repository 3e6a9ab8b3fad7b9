#include "app/supervisor.hpp"

#include <cstdint>

#include <systemd/sd-daemon.h>

namespace flotilla {

std::optional<std::chrono::microseconds> Supervisor::wanted_interval() {
    std::uint64_t limit = 0;
    if (::sd_watchdog_enabled(0, &limit) <= 0) {
        return std::nullopt;
    }
    return std::chrono::microseconds(limit / 2);
}

void Supervisor::tell_ready() {
    ::sd_notify(0, "READY=1");
}

void Supervisor::tell_alive() {
    ::sd_notify(0, "WATCHDOG=1");
}

void Supervisor::tell_stopping() {
    ::sd_notify(0, "STOPPING=1");
}

}  // namespace flotilla
