#include "image/folder_copy.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/digest.hpp"
#include "image/open_inside.hpp"

namespace flotilla {

namespace {

/// A file of the host: device and inode number.
using FileIdentity = std::pair<dev_t, ino_t>;

FileIdentity identity_of(const struct stat& status) {
    return {status.st_dev, status.st_ino};
}

struct stat status_of(int fd, const std::string& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        throw_errno(fmt::format("cannot look at {}", path));
    }
    return status;
}

/// Unlike the device number, it tells bind mounts apart.
std::uint64_t mount_of(int fd, const std::string& path) {
    struct statx status {};
    if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) != 0) {
        throw_errno(fmt::format("cannot look at {}", path));
    }
    return status.stx_mnt_id;
}

FileAttributes attributes_of(const struct stat& status) {
    return {.mode = status.st_mode & 07777U,
            .uid = status.st_uid,
            .gid = status.st_gid,
            .modified = status.st_mtim,
            .extended = {}};
}

std::vector<std::string> sorted_names(int folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/self/fd/{}", folder))) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string link_target(int folder, const std::string& name) {
    std::string target(PATH_MAX, '\0');
    const auto length = ::readlinkat(folder, name.c_str(), target.data(), target.size());
    if (length < 0) {
        throw_errno(fmt::format("cannot read the link {}", name));
    }
    target.resize(static_cast<std::size_t>(length));
    return target;
}

/// Copies a file's content and returns its digest.
std::string copy_content(int from, int into) {
    Sha256 sha;
    std::string buffer(std::size_t{256} * 1024, '\0');
    for (;;) {
        const auto count = ::read(from, buffer.data(), buffer.size());
        if (count == 0) {
            return sha.digest();
        }
        if (count < 0 && errno != EINTR) {
            throw_errno("cannot read");
        }
        const std::string_view bytes(buffer.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
        sha.add(bytes);
        write_all(into, bytes, "a file of the image");
    }
}

class RootCopy {
public:
    RootCopy(const std::filesystem::path& from, TreeWriter& into, const std::filesystem::path& leave_out)
        : into_(into) {
        const UniqueFd root = open_folder(from.string());
        const UniqueFd left_out = open_folder(leave_out.string());
        mount_ = mount_of(root.get(), from.string());
        left_out_ = identity_of(status_of(left_out.get(), leave_out.string()));
        copy_folder(root.get(), "");
    }

    std::string digest() { return sha_.digest(); }

private:
    void copy_folder(int folder, const std::string& path) {
        FileAttributes attributes = attributes_of(status_of(folder, path));
        attributes.extended = read_extended_attributes(folder);
        into_.directory(path, attributes);
        note('d', path, attributes, "");
        if (mount_of(folder, path) != mount_) {
            return;
        }
        for (const std::string& name : sorted_names(folder)) {
            copy_entry(folder, name, path.empty() ? name : fmt::format("{}/{}", path, name));
        }
    }

    void copy_entry(int folder, const std::string& name, const std::string& path) {
        struct stat status {};
        if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            throw_errno(fmt::format("cannot look at {}", path));
        }
        if (S_ISDIR(status.st_mode)) {
            if (identity_of(status) != left_out_) {
                copy_folder(open_entry(folder, name, path, O_DIRECTORY).get(), path);
            }
        } else if (const auto known = copied_.find(identity_of(status)); known != copied_.end()) {
            into_.hard_link(path, known->second);
            note('h', path, {}, known->second);
        } else if (copy_file(folder, name, path, status) && status.st_nlink > 1) {
            copied_.emplace(identity_of(status), path);
        }
    }

    /// False if it is of a kind that is left out.
    bool copy_file(int folder, const std::string& name, const std::string& path, const struct stat& status) {
        FileAttributes attributes = attributes_of(status);
        if (S_ISREG(status.st_mode)) {
            const UniqueFd file = open_entry(folder, name, path, O_NONBLOCK);
            attributes.extended = read_extended_attributes(file.get());
            std::string content;
            into_.file(path, attributes, [&](int fd) { content = copy_content(file.get(), fd); });
            note('f', path, attributes, content);
        } else if (S_ISLNK(status.st_mode)) {
            const std::string target = link_target(folder, name);
            into_.symbolic_link(path, target, attributes);
            note('l', path, attributes, target);
        } else if (S_ISFIFO(status.st_mode)) {
            into_.fifo(path, attributes);
            note('p', path, attributes, "");
        } else {
            return false;
        }
        return true;
    }

    static UniqueFd open_entry(int folder, const std::string& name, const std::string& path, int flags) {
        UniqueFd file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags));
        if (!file) {
            throw_errno(fmt::format("cannot open {}", path));
        }
        return file;
    }

    /// Adds an entry to the digest: no two trees that differ give the same bytes.
    void note(char kind, const std::string& path, const FileAttributes& attributes,
              const std::string& content) {
        sha_.add(fmt::format("{} {:o} {} {} {}.{} {}:{} {}:{}\n", kind, attributes.mode, attributes.uid,
                             attributes.gid, attributes.modified.tv_sec, attributes.modified.tv_nsec,
                             path.size(), path, content.size(), content));
        for (const auto& [name, value] : attributes.extended) {
            sha_.add(fmt::format("x {}:{} {}:{}\n", name.size(), name, value.size(), value));
        }
    }

    TreeWriter& into_;
    std::uint64_t mount_ = 0;
    FileIdentity left_out_;
    std::map<FileIdentity, std::string> copied_;  ///< files with several names, and where the first one is
    Sha256 sha_;
};

}  // namespace

std::string copy_root(const std::filesystem::path& from, TreeWriter& into,
                      const std::filesystem::path& leave_out) {
    RootCopy copy(from, into, leave_out);
    into.finish();
    return copy.digest();
}

}  // namespace flotilla
