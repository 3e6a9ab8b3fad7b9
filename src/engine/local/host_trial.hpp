#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <thread>

namespace flotilla {

/// Tries what every container needs of this host: a mount namespace of its own and an overlay on the file
/// system of `folder`. Takes milliseconds and leaves nothing; a thread awaits the end of that namespace,
/// which takes the kernel a tenth of a second while hundreds of others live.
class HostTrial {
public:
    /// Of one at a time for a folder. Throws std::filesystem::filesystem_error if the folder cannot be used.
    explicit HostTrial(const std::filesystem::path& folder);

    /// What the host did not give, such as `mount an overlay: Operation not permitted`.
    [[nodiscard]] const std::optional<std::string>& lack() const { return lack_; }

private:
    std::optional<std::string> lack_;
    std::jthread end_;
};

}  // namespace flotilla
