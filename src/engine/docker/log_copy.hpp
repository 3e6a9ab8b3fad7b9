#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/file.hpp"
#include "engine/docker/log_frames.hpp"
#include "engine/log_filter.hpp"

namespace flotilla {

/// Writes a container's log to a file, exactly once: it is given the log from its first byte on, and leaves
/// out as much as the file has already. Throws std::system_error when the disk fails; the next copy then goes
/// on where the file ends.
class LogCopy {
public:
    LogCopy(const std::filesystem::path& file, LogRules rules);

    /// The next bytes of the daemon's stream.
    void take(std::string_view stream);
    /// Nothing comes any more.
    void finish();

private:
    void write(std::string_view shown);

    UniqueFd file_;
    std::size_t written_ = 0;  ///< by copies before this one, less what was left out so far
    LogFrames frames_;
    LogFilter filter_;
};

}  // namespace flotilla
