#include "image/tree_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hpp"
#include "image/open_inside.hpp"

namespace flotilla {

namespace {

/// `a/b/c` of `./a//b/./c` or `/a/b/c`; empty for the root.
std::string cleaned(const std::string& path) {
    constexpr std::size_t longest_path = 4095;  // as the kernel takes it, PATH_MAX
    constexpr std::size_t longest_name = 255;
    if (path.size() > longest_path) {
        throw invalid("a path is longer than {} characters: {}...", longest_path, path.substr(0, 60));
    }
    std::string clean;
    std::size_t at = 0;
    while (at < path.size()) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string component = path.substr(at, end - at);
        if (component == "..") {
            throw invalid("the path {} climbs out of the tree", path);
        }
        if (component.size() > longest_name) {
            throw invalid("a name is longer than {} characters: {}...", longest_name,
                          component.substr(0, 60));
        }
        if (!component.empty() && component != ".") {
            clean += (clean.empty() ? "" : "/") + component;
        }
        at = end + 1;
    }
    return clean;
}

/// The path of the folder that `path` lies in, and its name there.
std::pair<std::string, std::string> split(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::pair(std::string(), path)
                                      : std::pair(path.substr(0, slash), path.substr(slash + 1));
}

/// What stands at a place, without following a link.
std::optional<struct stat> look_at(int folder, const std::string& name) {
    struct stat status {};
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
        return status;
    }
    if (errno != ENOENT) {
        throw_errno(fmt::format("cannot look at {}", name));
    }
    return std::nullopt;
}

bool is_whiteout(const struct stat& status) {
    return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0);
}

void remove_at(int folder, const std::string& name) {
    if (::unlinkat(folder, name.c_str(), 0) == 0) {
        return;
    }
    if (errno != EISDIR) {
        throw_errno(fmt::format("cannot replace {}", name));
    }
    std::filesystem::remove_all(fmt::format("/proc/self/fd/{}/{}", folder, name));
}

/// Makes something at a place; what stands there makes room.
template <typename Make>
int make_at(int folder, const std::string& name, Make make) {
    int made = make();
    if (made < 0 && errno == EEXIST) {
        remove_at(folder, name);
        made = make();
    }
    if (made < 0) {
        throw_errno(fmt::format("cannot create {}", name));
    }
    return made;
}

void mark_opaque(int fd) {
    // Without root the kernel takes the mark from the user's own namespace (mount option userxattr).
    const char* name = ::geteuid() == 0 ? "trusted.overlay.opaque" : "user.overlay.opaque";
    if (::fsetxattr(fd, name, "y", 1, 0) != 0) {
        throw_errno("cannot mark a folder as opaque");
    }
}

/// Of a folder that its layer has no entry for.
FileAttributes inherited_attributes(const std::vector<UniqueFd>& below, const std::string& path) {
    for (auto lower = below.rbegin(); lower != below.rend(); ++lower) {
        const UniqueFd folder = open_inside(lower->get(), path, O_RDONLY | O_DIRECTORY);
        struct stat status {};
        if (folder && ::fstat(folder.get(), &status) == 0) {
            return {.mode = status.st_mode & 07777U,
                    .uid = status.st_uid,
                    .gid = status.st_gid,
                    .modified = status.st_mtim,
                    .extended = read_extended_attributes(folder.get())};
        }
        if (!folder && errno == ENOTDIR) {
            break;  // a file or a whiteout hides what is below
        }
    }
    return {};
}

}  // namespace

TreeWriter::TreeWriter(const std::filesystem::path& folder)
    : root_(open_folder(folder.string())), keep_ownership_(::geteuid() == 0) {
    directories_.emplace("", FileAttributes{});
}

void TreeWriter::directory(const std::string& path, const FileAttributes& attributes) {
    const std::string clean = cleaned(path);
    if (!clean.empty()) {
        const Place at = place(clean);
        const auto there = look_at(at.folder, at.name);
        if (there && !S_ISDIR(there->st_mode) && !is_whiteout(*there)) {
            remove_at(at.folder, at.name);
        }
        make_directory(at.folder, at.name, clean);
    }
    directories_.insert_or_assign(clean, attributes);
}

void TreeWriter::file(const std::string& path, const FileAttributes& attributes,
                      const std::function<void(int fd)>& fill) {
    const Place at = cleared_place(path);
    const UniqueFd fd(make_at(at.folder, at.name, [&] {
        return ::openat(at.folder, at.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        0600);
    }));
    fill(fd.get());
    set_attributes(fd.get(), attributes, keep_ownership_);
}

void TreeWriter::symbolic_link(const std::string& path, const std::string& target,
                               const FileAttributes& attributes) {
    const Place at = cleared_place(path);
    make_at(at.folder, at.name, [&] { return ::symlinkat(target.c_str(), at.folder, at.name.c_str()); });
    set_attributes_at(at.folder, at.name, attributes, keep_ownership_);
}

void TreeWriter::hard_link(const std::string& path, const std::string& target) {
    const auto [target_parent, target_name] = split(cleaned(target));
    const UniqueFd target_folder = open_inside(root_.get(), target_parent, O_PATH | O_DIRECTORY);
    const auto there = target_folder ? look_at(target_folder.get(), target_name) : std::nullopt;
    if (target_name.empty() || !there || S_ISDIR(there->st_mode)) {
        throw invalid("{} is a hard link to {}, which is no file of the same tree", path, target);
    }
    const Place at = place(cleaned(path));
    const auto here = look_at(at.folder, at.name);
    if (here && here->st_ino == there->st_ino) {
        return;  // it is that file already; to replace it would be to lose it
    }
    cleared_place(path);
    make_at(at.folder, at.name,
            [&, &target_name = target_name] {  // clang 14 captures no part of a pair by itself
                return ::linkat(target_folder.get(), target_name.c_str(), at.folder, at.name.c_str(), 0);
            });
}

void TreeWriter::fifo(const std::string& path, const FileAttributes& attributes) {
    const Place at = cleared_place(path);
    make_at(at.folder, at.name, [&] { return ::mknodat(at.folder, at.name.c_str(), S_IFIFO | 0600, 0); });
    set_attributes_at(at.folder, at.name, attributes, keep_ownership_);
    if (::fchmodat(at.folder, at.name.c_str(), attributes.mode & 07777U, 0) != 0) {
        throw_errno(fmt::format("cannot set the mode of {}", path));
    }
}

void TreeWriter::whiteout(const std::string& path) {
    const Place at = place(cleaned(path));
    const auto there = look_at(at.folder, at.name);
    if (there && S_ISDIR(there->st_mode)) {
        opaque(path);
    } else if (!there && ::mknodat(at.folder, at.name.c_str(), S_IFCHR, makedev(0, 0)) != 0) {
        throw_errno(fmt::format("cannot create a whiteout for {}", path));
    }
}

void TreeWriter::opaque(const std::string& path) {
    const std::string clean = cleaned(path);
    if (!clean.empty()) {
        parent_folder(clean);
        const UniqueFd folder = open_inside(root_.get(), clean, O_RDONLY | O_DIRECTORY);
        if (!folder) {
            throw_errno(fmt::format("cannot open {}", path));
        }
        mark_opaque(folder.get());
        return;
    }
    is_opaque_ = true;
}

/// overlayfs does not look for the mark on the root of a lower folder.
void TreeWriter::hide_names_in(const std::vector<UniqueFd>& lower) {
    for (const UniqueFd& folder : lower) {
        for (const auto& entry :
             std::filesystem::directory_iterator(fmt::format("/proc/self/fd/{}", folder.get()))) {
            whiteout(entry.path().filename().string());
        }
    }
}

void TreeWriter::finish(const std::vector<std::filesystem::path>& lower) {
    std::vector<UniqueFd> below;
    below.reserve(lower.size());
    for (const auto& path : lower) {
        below.push_back(open_folder(path.string()));
    }
    if (is_opaque_) {
        hide_names_in(below);
    }
    // From the deepest up: a folder's own mode may forbid to enter it.
    for (auto at = directories_.rbegin(); at != directories_.rend(); ++at) {
        const UniqueFd folder = open_inside(root_.get(), at->first, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (folder) {
            set_attributes(folder.get(), at->second ? *at->second : inherited_attributes(below, at->first),
                           keep_ownership_);
        } else if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
            throw_errno(fmt::format("cannot open {}", at->first));
        }
    }
}

TreeWriter::Place TreeWriter::place(const std::string& path) {
    auto [parent, name] = split(path);
    if (name.empty()) {
        throw invalid("the root of a tree can only be a folder");
    }
    return {parent_folder(parent), std::move(name)};
}

/// A place for something that is no folder: what is known of folders there is forgotten.
TreeWriter::Place TreeWriter::cleared_place(const std::string& path) {
    const std::string clean = cleaned(path);
    Place at = place(clean);
    if (directories_.erase(clean) > 0) {
        const auto first = directories_.lower_bound(clean + "/");
        directories_.erase(first, directories_.lower_bound(clean + "0"));  // '0' follows '/'
    }
    return at;
}

int TreeWriter::parent_folder(const std::string& path) {
    if (!parent_ || parent_path_ != path) {
        parent_ = open_inside(root_.get(), path, O_PATH | O_DIRECTORY);
        if (!parent_) {
            parent_ = make_parents(path);
        }
        parent_path_ = path;
    }
    return parent_.get();
}

/// Makes the folder `path` with all folders on the way to it.
UniqueFd TreeWriter::make_parents(const std::string& path) {
    UniqueFd current = open_inside(root_.get(), "", O_PATH | O_DIRECTORY);
    std::size_t end = 0;
    while (end < path.size()) {
        const std::size_t start = end == 0 ? 0 : end + 1;
        end = std::min(path.find('/', start), path.size());
        const std::string prefix = path.substr(0, end);
        UniqueFd next = open_inside(root_.get(), prefix, O_PATH | O_DIRECTORY);
        if (!next) {
            if (errno != ENOENT && errno != ENOTDIR) {
                throw_errno(fmt::format("cannot open {}", prefix));
            }
            next = make_directory(current.get(), path.substr(start, end - start), prefix);
            directories_.try_emplace(prefix);
        }
        current = std::move(next);
    }
    return current;
}

/// A folder that replaces a whiteout shows nothing of the lower folders.
UniqueFd TreeWriter::make_directory(int parent, const std::string& name, const std::string& path) {
    const auto there = look_at(parent, name);
    if (there && !S_ISDIR(there->st_mode) && !is_whiteout(*there)) {
        throw invalid("{} is on the way to another file, but is a file or a link that leads nowhere", path);
    }
    const bool hides = there && is_whiteout(*there);
    if (hides && ::unlinkat(parent, name.c_str(), 0) != 0) {
        throw_errno(fmt::format("cannot replace {}", path));
    }
    if ((!there || hides) && ::mkdirat(parent, name.c_str(), 0700) != 0) {
        throw_errno(fmt::format("cannot create {}", path));
    }
    UniqueFd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) {
        throw_errno(fmt::format("cannot open {}", path));
    }
    if (hides) {
        mark_opaque(folder.get());
    }
    return folder;
}

}  // namespace flotilla
