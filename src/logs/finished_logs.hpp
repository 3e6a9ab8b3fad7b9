#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>

#include "base/guarded.hpp"
#include "base/wake.hpp"

namespace flotilla {

/// Log files to which nothing is added any more: from the engines that wrote them to whoever tends them. What
/// is lost with the server is found where it lies. Safe to call from any thread.
class FinishedLogs {
public:
    /// Files of fewer bytes are nobody's concern.
    explicit FinishedLogs(std::uintmax_t least_size) : least_size_(least_size) {}

    /// The file need not exist.
    void add(std::filesystem::path log);
    /// The one that has been there for longest.
    [[nodiscard]] std::optional<std::filesystem::path> take();
    /// Notified when there is one.
    [[nodiscard]] Wake& came() { return came_; }

private:
    std::uintmax_t least_size_;
    Guarded<std::deque<std::filesystem::path>> logs_;
    Wake came_;
};

}  // namespace flotilla
