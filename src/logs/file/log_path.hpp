#pragma once

#include <filesystem>
#include <string>

#include "core/id.hpp"

namespace flotilla {

/// Where the log of an attempt lies: `<data_dir>/logs/<first two of the run id>/<run id>.<attempt>.log`.
/// Engines that keep logs in files write there, the log reader reads there.
[[nodiscard]] inline std::filesystem::path log_path(const std::filesystem::path& data_dir, const RunId& run,
                                                    int attempt) {
    return data_dir / "logs" / run.value.substr(0, 2) / (run.value + "." + std::to_string(attempt) + ".log");
}

/// Beside the copy of a log that is kept elsewhere: how far it goes.
[[nodiscard]] inline std::filesystem::path log_progress_path(const std::filesystem::path& log) {
    return log.string() + ".token";
}

}  // namespace flotilla
