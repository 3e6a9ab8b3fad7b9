#pragma once

#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace flotilla {

/// What a file is besides its content.
struct FileAttributes {
    mode_t mode = 0755;  ///< permission bits, with set-id and sticky bits
    uid_t uid = 0;
    gid_t gid = 0;
    timespec modified{0, UTIME_NOW};
    std::vector<std::pair<std::string, std::string>> extended;  ///< names and values
};

/// Sets all of them on an open file; the owner only where `keep_ownership`. What the file system or the user
/// may not have as extended attributes is left out. Throws std::system_error.
void set_attributes(int fd, const FileAttributes& attributes, bool keep_ownership);

/// Sets owner and time of what is not opened: a link or a pipe.
void set_attributes_at(int folder, const std::string& name, const FileAttributes& attributes,
                       bool keep_ownership);

/// Reads a file's extended attributes that an image may carry: a user's, capabilities and access lists.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> read_extended_attributes(int fd);

/// Whether an image may carry the extended attribute; those of overlayfs itself it may not.
[[nodiscard]] bool may_carry_extended_attribute(const std::string& name);

}  // namespace flotilla
