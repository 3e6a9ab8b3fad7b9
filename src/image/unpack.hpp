#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "image/tree_writer.hpp"
#include "image/unpack_budget.hpp"

namespace flotilla {

/// How the entries of an archive are read.
enum class ArchiveKind {
    layer,  ///< of an image: `.wh.` entries hide files of the layers below
            ///< (https://github.com/opencontainers/image-spec/blob/main/layer.md)
    plain,  ///< every entry is what it says
};

/// Unpacks a tar archive (plain, or compressed with gzip, zstd, xz or bzip2), as a stream. Device nodes and
/// sockets are left out: a job gets its own /dev. Returns the digest of the uncompressed archive, an image
/// layer's "diff id". The caller finishes the tree. Throws `invalid`, which does not name the archive, if it
/// is damaged, larger than its budget, or holds what no tree can have, and std::system_error; `unavailable`
/// once `stop` is requested.
std::string unpack_archive(const std::filesystem::path& archive, ArchiveKind kind, TreeWriter& into,
                           UnpackBudget& budget, const std::stop_token& stop = {});

}  // namespace flotilla
