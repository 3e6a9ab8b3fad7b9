#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "image/file_attributes.hpp"

namespace flotilla {

/// Writes files below one folder, whatever their paths say: a path that climbs out is refused, and a symbolic
/// link on the way leads to where it would lead if the folder were `/`. A later file replaces an earlier one
/// of its path. Ownership is kept where the process runs as root. Every function throws `invalid` for a path
/// or a link that the tree cannot have, and std::system_error.
class TreeWriter {
public:
    /// `folder` must exist.
    explicit TreeWriter(const std::filesystem::path& folder);

    void directory(const std::string& path, const FileAttributes& attributes);
    /// `fill` writes the content.
    void file(const std::string& path, const FileAttributes& attributes,
              const std::function<void(int fd)>& fill);
    void symbolic_link(const std::string& path, const std::string& target, const FileAttributes& attributes);
    /// `target` is a path in the tree.
    void hard_link(const std::string& path, const std::string& target);
    void fifo(const std::string& path, const FileAttributes& attributes);
    /// Hides what the lower folders have at `path`: https://docs.kernel.org/filesystems/overlayfs.html
    void whiteout(const std::string& path);
    /// Hides what the lower folders have below the folder `path`.
    void opaque(const std::string& path);

    /// Sets the attributes of folders, which writing into them would have changed. Call it once, at the end.
    /// `lower` are the folders that the tree is laid upon, the lowest first: a folder on the way to a file
    /// that has no entry of its own takes its attributes from there.
    void finish(const std::vector<std::filesystem::path>& lower = {});

private:
    /// Where an entry is made: its folder, and its name there.
    struct Place {
        int folder;
        std::string name;
    };

    Place place(const std::string& path);
    Place cleared_place(const std::string& path);
    int parent_folder(const std::string& path);
    UniqueFd make_parents(const std::string& path);
    UniqueFd make_directory(int parent, const std::string& name, const std::string& path);
    void hide_names_in(const std::vector<UniqueFd>& lower);

    UniqueFd root_;
    bool keep_ownership_;
    std::string parent_path_;  ///< of `parent_`, the folder written to last
    UniqueFd parent_;
    std::map<std::string, std::optional<FileAttributes>> directories_;  ///< nothing: as the lower folder's
    bool is_opaque_ = false;                                            ///< the root
};

}  // namespace flotilla
