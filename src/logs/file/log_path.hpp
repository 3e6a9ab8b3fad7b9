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

/// Where it lies once it is compressed (see compressed_log.hpp). While both are there, both hold all of it.
[[nodiscard]] inline std::filesystem::path compressed_log_path(const std::filesystem::path& log) {
    return log.string() + ".zst";
}

/// Beside the copy of a log that is kept elsewhere: how far it goes.
[[nodiscard]] inline std::filesystem::path log_progress_path(const std::filesystem::path& log) {
    return log.string() + ".token";
}

/// Whether that is a log, compressed or not.
[[nodiscard]] inline bool is_log_path(const std::filesystem::path& path) {
    const auto name = path.filename().string();
    return name.ends_with(".log") || name.ends_with(".log.zst");
}

/// Whose it is: `<run id>.<attempt>`.
[[nodiscard]] inline std::string attempt_of_log(const std::filesystem::path& path) {
    const auto name = path.filename().string();
    return name.substr(0, name.rfind(".log"));
}

/// The run of that attempt.
[[nodiscard]] inline RunId run_of_log(const std::filesystem::path& path) {
    const auto attempt = attempt_of_log(path);
    return {attempt.substr(0, attempt.rfind('.'))};
}

}  // namespace flotilla
