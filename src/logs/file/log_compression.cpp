#include "logs/file/log_compression.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.hpp"
#include "logs/file/compressed_log.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view unfinished_end = ".log.zst.tmp";
/// A log and what it is compressed to lie beside each other for a while: runs need the room more.
constexpr std::uint64_t least_free_bytes = std::uint64_t{64} << 20;

/// Removed unless it gets its name.
class UnfinishedFile {
public:
    UnfinishedFile(fs::path path, mode_t mode)
        : path_(std::move(path)),
          file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)) {
        if (!file_) {
            throw_errno(fmt::format("cannot make {}", path_.string()));
        }
    }
    UnfinishedFile(const UnfinishedFile&) = delete;
    UnfinishedFile& operator=(const UnfinishedFile&) = delete;
    ~UnfinishedFile() {
        if (!path_.empty()) {
            ::unlink(path_.c_str());
        }
    }
    [[nodiscard]] int get() const { return file_.get(); }
    /// It is on the disk before it has the name, and the name is before this returns.
    void finish(const fs::path& name) {
        const UniqueFd folder(::open(name.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (::fsync(file_.get()) != 0 || ::rename(path_.c_str(), name.c_str()) != 0) {
            throw_errno(fmt::format("cannot make {}", name.string()));
        }
        path_.clear();
        if (!folder || ::fsync(folder.get()) != 0) {
            throw_errno(fmt::format("cannot make {}", name.string()));
        }
    }

private:
    fs::path path_;
    UniqueFd file_;
};

bool is_almost_full(int file) {
    struct statvfs disk {};
    return ::fstatvfs(file, &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize < least_free_bytes;
}

bool is_same(const struct stat& one, const struct stat& other) {
    return one.st_size == other.st_size && one.st_mtim.tv_sec == other.st_mtim.tv_sec &&
           one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

struct stat status_of(int file) {
    struct stat status {};
    if (::fstat(file, &status) != 0) {
        throw_errno("cannot read a log");
    }
    return status;
}

/// False if it was not to be finished.
bool compress(int log, const struct stat& found, int to, const std::stop_token& stop) {
    LogCompressor compressor(to);
    for (std::int64_t offset = 0; offset < found.st_size;) {
        if (stop.stop_requested() || is_almost_full(to)) {
            return false;
        }
        const auto left = static_cast<std::size_t>(found.st_size - offset);
        const std::string bytes =
            read_at(log, static_cast<std::uint64_t>(offset), std::min(left, compressed_log_frame_size));
        if (bytes.empty()) {
            return false;
        }
        compressor.add(bytes);
        offset += static_cast<std::int64_t>(bytes.size());
    }
    compressor.finish();
    // It counts from when the log was written to last how long it is kept.
    const std::array<timespec, 2> times{found.st_atim, found.st_mtim};
    if (::futimens(to, times.data()) != 0) {
        throw_errno("cannot set the time of a compressed log");
    }
    return is_same(status_of(log), found);
}

}  // namespace

std::optional<LogSizes> compress_log(const fs::path& log, const std::stop_token& stop) {
    const UniqueFd file(::open(log.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) {
        return std::nullopt;
    }
    if (!file) {
        throw_errno(fmt::format("cannot open {}", log.string()));
    }
    const struct stat found = status_of(file.get());
    const fs::path compressed = compressed_log_path(log);
    UnfinishedFile unfinished(compressed.string() + ".tmp", found.st_mode & 0777U);
    if (!compress(file.get(), found, unfinished.get(), stop)) {
        return std::nullopt;
    }
    const LogSizes sizes{found.st_size, status_of(unfinished.get()).st_size};
    unfinished.finish(compressed);
    if (::unlink(log.c_str()) != 0) {
        const int error = errno;
        if (error == ENOENT) {  // its run was removed meanwhile
            ::unlink(compressed.c_str());
            return std::nullopt;
        }
        throw std::system_error(error, std::generic_category(),
                                fmt::format("cannot remove {}", log.string()));
    }
    return sizes;
}

std::vector<fs::path> log_folders(const fs::path& data_dir) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::directory_iterator entry(data_dir / "logs", error), end; !error && entry != end;
         entry.increment(error)) {
        folders.push_back(entry->path());
    }
    return folders;
}

std::vector<fs::path> tidy_log_folder(const fs::path& folder) {
    std::vector<fs::path> logs;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const fs::path& path = entry->path();
        std::error_code ignored;
        if (path.filename().string().ends_with(unfinished_end)) {
            fs::remove(path, ignored);
        } else if (path.extension() == ".log" && entry->is_regular_file(ignored) &&
                   entry->file_size(ignored) >= least_log_to_compress && !ignored &&
                   !fs::exists(log_progress_path(path), ignored)) {
            logs.push_back(path);
        }
    }
    return logs;
}

}  // namespace flotilla
