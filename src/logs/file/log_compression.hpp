#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <vector>

namespace flotilla {

/// Shorter logs are left as they are: that they are compressed would free hardly a block of the disk.
constexpr std::uintmax_t least_log_to_compress = 8192;  // bytes

/// What became of a log, in bytes.
struct LogSizes {
    std::int64_t before = 0;
    std::int64_t after = 0;
};

/// Puts a compressed log, as `compressed_log_path` names it, in the place of a log to which nothing is added
/// any more. The log goes once the other is on the disk in full: a crash leaves one of them, or both. Nothing
/// if the log is gone, if it was written to meanwhile, if `stop` was requested, or if the disk is almost
/// full: then it stays. Throws std::system_error, and it stays.
std::optional<LogSizes> compress_log(const std::filesystem::path& log, const std::stop_token& stop);

/// The folders of `<data_dir>/logs` in which logs lie.
[[nodiscard]] std::vector<std::filesystem::path> log_folders(const std::filesystem::path& data_dir);

/// Removes what a crash left of logs that were being compressed, and returns the logs of the folder that are
/// not compressed and long enough to be; copies of logs that are kept elsewhere are not among them. Call
/// while none is being compressed.
[[nodiscard]] std::vector<std::filesystem::path> tidy_log_folder(const std::filesystem::path& folder);

}  // namespace flotilla
