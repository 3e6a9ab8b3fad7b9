#include "base/file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flotilla {

void UniqueFd::reset() {
    if (fd_ >= 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::nullopt;
        }
        throw_errno(fmt::format("cannot open {}", path.string()));
    }
    std::string content;
    char buffer[65536];
    for (;;) {
        const auto count = ::read(file.get(), buffer, sizeof buffer);
        if (count == 0) {
            return content;
        }
        if (count > 0) {
            content.append(buffer, static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            throw_errno(fmt::format("cannot read {}", path.string()));
        }
    }
}

std::string read_at(int file, std::uint64_t offset, std::size_t most) {
    std::string bytes(most, '\0');
    std::size_t filled = 0;
    while (filled < most) {
        const auto count =
            ::pread(file, bytes.data() + filled, most - filled, static_cast<off_t>(offset + filled));
        if (count == 0) {
            break;
        }
        if (count > 0) {
            filled += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            throw_errno("cannot read an open file");
        }
    }
    bytes.resize(filled);
    return bytes;
}

void write_all(int file, std::string_view bytes, std::string_view name) {
    while (!bytes.empty()) {
        const auto count = ::write(file, bytes.data(), bytes.size());
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            throw_errno(fmt::format("cannot write {}", name));
        }
    }
}

namespace {

UniqueFd open_to_write(const std::filesystem::path& path, int flags) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644));
    if (!file) {
        throw_errno(fmt::format("cannot create {}", path.string()));
    }
    return file;
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
        throw_errno(fmt::format("cannot rename {} to {}", from.string(), to.string()));
    }
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view content) {
    auto temporary = path;
    temporary += fmt::format(".{}.tmp", ::gettid());
    write_all(open_to_write(temporary, O_TRUNC).get(), content, temporary.string());
    rename_file(temporary, path);
}

void rewrite_file(const std::filesystem::path& path, std::string_view content) {
    auto temporary = path;
    temporary += ".tmp";
    overwrite_file(temporary, content);
    rename_file(temporary, path);
}

void overwrite_file(const std::filesystem::path& path, std::string_view content) {
    const UniqueFd file = open_to_write(path, 0);
    write_all(file.get(), content, path.string());
    // Afterwards: a file that was cut to nothing first would be written out as it is closed (ext4).
    if (::ftruncate(file.get(), static_cast<off_t>(content.size())) != 0) {
        throw_errno(fmt::format("cannot write {}", path.string()));
    }
}

void spread_folders_in(const std::filesystem::path& folder) {
    const UniqueFd file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int flags = 0;
    if (file && ::ioctl(file.get(), FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_TOPDIR_FL) == 0) {
        flags |= FS_TOPDIR_FL;
        (void)::ioctl(file.get(), FS_IOC_SETFLAGS, &flags);
    }
}

}  // namespace flotilla
