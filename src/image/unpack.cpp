#include "image/unpack.hpp"

#include <limits>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "image/archive_reader.hpp"

namespace flotilla {

namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view reserved_prefix = ".wh..wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";

std::string path_of(archive_entry* entry) {
    const char* path = archive_entry_pathname(entry);
    if (path == nullptr) {
        throw invalid("the archive has an entry without a name");
    }
    return path;
}

std::uint32_t id_of(la_int64_t id, const std::string& path) {
    if (id < 0 || id >= std::numeric_limits<std::uint32_t>::max()) {
        throw invalid("{} has the impossible owner {}", path, id);
    }
    return static_cast<std::uint32_t>(id);
}

FileAttributes attributes_of(archive_entry* entry, const std::string& path) {
    FileAttributes attributes{.mode = archive_entry_perm(entry),
                              .uid = id_of(archive_entry_uid(entry), path),
                              .gid = id_of(archive_entry_gid(entry), path),
                              .extended = {}};
    if (archive_entry_mtime_is_set(entry) != 0) {
        attributes.modified = {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
    }
    archive_entry_xattr_reset(entry);
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
        if (may_carry_extended_attribute(name)) {
            attributes.extended.emplace_back(name, std::string(static_cast<const char*>(value), size));
        }
    }
    return attributes;
}

/// Carries out a `.wh.` entry; false if `path` is none.
bool apply_whiteout(const std::string& path, TreeWriter& into) {
    const std::size_t slash = path.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    const std::string_view name = std::string_view(path).substr(folder.size());
    if (!name.starts_with(whiteout_prefix)) {
        return false;
    }
    if (name == opaque_name) {
        into.opaque(folder);
    } else if (!name.starts_with(reserved_prefix)) {
        const std::string_view hidden = name.substr(whiteout_prefix.size());
        if (hidden.empty() || hidden == "." || hidden == "..") {
            throw invalid("the whiteout {} names no file", path);
        }
        into.whiteout(folder + std::string(hidden));
    }
    return true;
}

/// False if the entry is of a kind that is left out.
bool write_entry(archive_entry* entry, const std::string& path, ArchiveReader& reader, TreeWriter& into) {
    if (const char* target = archive_entry_hardlink(entry); target != nullptr) {
        into.hard_link(path, target);
        return true;
    }
    const FileAttributes attributes = attributes_of(entry, path);
    switch (archive_entry_filetype(entry)) {
        case AE_IFREG:
            into.file(path, attributes, [&](int fd) { reader.copy_content(fd); });
            return true;
        case AE_IFDIR:
            into.directory(path, attributes);
            return true;
        case AE_IFLNK: {
            const char* target = archive_entry_symlink(entry);
            if (target == nullptr || *target == '\0') {
                throw invalid("{} is a link without a target", path);
            }
            into.symbolic_link(path, target, attributes);
            return true;
        }
        case AE_IFIFO:
            into.fifo(path, attributes);
            return true;
        default:
            return false;
    }
}

}  // namespace

std::string unpack_archive(const std::filesystem::path& archive, ArchiveKind kind, TreeWriter& into,
                           UnpackBudget& budget, const std::stop_token& stop) {
    ArchiveReader reader(archive, &budget);
    std::size_t left_out = 0;
    while (archive_entry* entry = reader.next()) {
        if (stop.stop_requested()) {
            throw unavailable("stopped while unpacking");
        }
        const std::string path = path_of(entry);
        if (kind == ArchiveKind::layer && apply_whiteout(path, into)) {
            continue;
        }
        left_out += write_entry(entry, path, reader, into) ? 0 : 1;
    }
    if (left_out > 0) {
        log_debug("{}: {} device nodes and sockets are left out", archive.string(), left_out);
    }
    return reader.digest();
}

}  // namespace flotilla
