#include "image/file_attributes.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.hpp"

namespace flotilla {

/// Ownership before mode before capabilities: the kernel clears the later when the earlier changes.
void set_attributes(int fd, const FileAttributes& attributes, bool keep_ownership) {
    if (keep_ownership && ::fchown(fd, attributes.uid, attributes.gid) != 0) {
        throw_errno("cannot set an owner");
    }
    if (::fchmod(fd, attributes.mode & 07777U) != 0) {
        throw_errno("cannot set a mode");
    }
    for (const auto& [name, value] : attributes.extended) {
        const bool set = ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0;
        if (!set && errno != EOPNOTSUPP && errno != EPERM) {
            throw_errno(fmt::format("cannot set the extended attribute {}", name));
        }
    }
    const std::array<timespec, 2> times{attributes.modified, attributes.modified};
    if (::futimens(fd, times.data()) != 0) {
        throw_errno("cannot set a time");
    }
}

void set_attributes_at(int folder, const std::string& name, const FileAttributes& attributes,
                       bool keep_ownership) {
    if (keep_ownership &&
        ::fchownat(folder, name.c_str(), attributes.uid, attributes.gid, AT_SYMLINK_NOFOLLOW) != 0) {
        throw_errno(fmt::format("cannot set the owner of {}", name));
    }
    const std::array<timespec, 2> times{attributes.modified, attributes.modified};
    if (::utimensat(folder, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
        throw_errno(fmt::format("cannot set the time of {}", name));
    }
}

bool may_carry_extended_attribute(const std::string& name) {
    return (name.starts_with("user.") && !name.starts_with("user.overlay.")) ||
           name == "security.capability" || name == "system.posix_acl_access" ||
           name == "system.posix_acl_default";
}

std::vector<std::pair<std::string, std::string>> read_extended_attributes(int fd) {
    std::vector<std::pair<std::string, std::string>> attributes;
    if (::flistxattr(fd, nullptr, 0) <= 0) {
        return attributes;
    }
    std::string names(65536, '\0');  // XATTR_LIST_MAX
    const auto length = ::flistxattr(fd, names.data(), names.size());
    names.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    std::string value(65536, '\0');  // XATTR_SIZE_MAX
    for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
        const std::string name = names.c_str() + at;
        if (may_carry_extended_attribute(name)) {
            const auto size = ::fgetxattr(fd, name.c_str(), value.data(), value.size());
            if (size >= 0) {
                attributes.emplace_back(name, value.substr(0, static_cast<std::size_t>(size)));
            }
        }
    }
    return attributes;
}

}  // namespace flotilla
