#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace flotilla {

/// Owns a file descriptor.
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
    void reset();

private:
    int fd_ = -1;
};

/// Throws std::system_error with `what` and errno.
[[noreturn]] void throw_errno(const std::string& what);

/// The whole content of a file; nothing if it does not exist. Throws std::system_error on other failures.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);

/// At most `most` bytes of an open file from `offset` on; fewer only where it ends. Throws std::system_error.
[[nodiscard]] std::string read_at(int file, std::uint64_t offset, std::size_t most);

/// Writes all of it to an open file. Throws std::system_error, with `name`, when it cannot.
void write_all(int file, std::string_view bytes, std::string_view name);

/// Writes a file by way of a temporary one and a rename: readers see the old or the new content, never a
/// part. Throws std::system_error.
void write_file(const std::filesystem::path& path, std::string_view content);

/// The same by way of `<path>.tmp`, which is written over where it is there already, so that no file is made
/// anew: for a path that one thread at a time writes. Throws std::system_error.
void rewrite_file(const std::filesystem::path& path, std::string_view content);

/// Writes over what the file holds, or makes it: readers may see a part. Throws std::system_error.
void overwrite_file(const std::filesystem::path& path, std::string_view content);

/// Has ext4 place the folders that are made in this one far from each other, as it does with those of a root
/// folder: looking for a free inode it passes over all that were removed near by in the last minutes. See
/// EXT4_TOPDIR_FL in the kernel's fs/ext4/ext4.h, and chattr(1) for the attribute T. Other file systems have
/// no such thing.
void spread_folders_in(const std::filesystem::path& folder);

}  // namespace flotilla
