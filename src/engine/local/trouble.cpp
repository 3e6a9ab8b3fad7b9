#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/local/local_engine.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;

/// Less than this is as good as full: a run's records, log and container want more.
constexpr std::uint64_t least_free_bytes = std::uint64_t{16} << 20;

std::optional<std::string> disk_trouble(const fs::path& folder) {
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0) {
        return fmt::format("{} cannot be reached: {}", folder.string(),
                           std::generic_category().message(errno));
    }
    if (std::uint64_t{disk.f_bavail} * disk.f_frsize < least_free_bytes) {
        return fmt::format("the disk of {} is full: less than {} MiB are free", folder.string(),
                           least_free_bytes >> 20U);
    }
    // Some file systems count no inodes.
    if (disk.f_files > 0 && disk.f_favail == 0) {
        return fmt::format("the disk of {} has no free inode", folder.string());
    }
    return std::nullopt;
}

/// Writes a file and removes it.
std::optional<std::string> write_trouble(const fs::path& folder) {
    std::string path = (folder / ".trial-XXXXXX").string();
    const UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
    const bool is_written = file && ::write(file.get(), "trial", 5) == 5;
    const int error = errno;
    if (file) {
        ::unlink(path.c_str());
    }
    if (!is_written) {
        return fmt::format("{} cannot be written: {}", folder.string(),
                           std::generic_category().message(error));
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> LocalEngine::trouble() {
    const fs::path runs = options_.data_dir / "runs";
    if (auto disk = disk_trouble(runs)) {
        return disk;
    }
    if (auto write = write_trouble(runs)) {
        return write;
    }
    if (auto cgroups = host_.cgroups.trouble()) {
        return cgroups;
    }
    try {
        return host_.launcher.trouble();
    } catch (const std::system_error& error) {
        return error.what();
    }
}

}  // namespace flotilla
