#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace flotilla {

/// The bytes that a folder and all below it take on disk; a file with several names counts once. What comes
/// and goes meanwhile may be missed.
[[nodiscard]] std::int64_t bytes_on_disk(const std::filesystem::path& folder);

/// The bytes that are taken on the file system of `folder`, all files of all users together; 0 if that is not
/// known.
[[nodiscard]] std::int64_t bytes_taken(const std::filesystem::path& folder);

/// How much a run had written when it was last looked at.
struct DiskUse {
    std::int64_t bytes = 0;
    std::int64_t taken_by_all = 0;  ///< `bytes_taken` at that time
    std::chrono::steady_clock::time_point at{};
};

/// Whether it is time to look again. Looking takes a walk over all files, so what is taken on the whole file
/// system tells first whether the run can have come near its limit; that others removed files meanwhile may
/// hide it for half a minute.
[[nodiscard]] bool is_look_due(const DiskUse& last, std::int64_t limit, std::int64_t taken_by_all,
                               std::chrono::steady_clock::time_point now);

}  // namespace flotilla
