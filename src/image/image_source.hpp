#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "image/reference.hpp"
#include "image/stored_image.hpp"

namespace flotilla {

/// A layer that waits to be unpacked.
struct LayerSource {
    std::string diff_id;            ///< the digest that its uncompressed archive must have
    std::string blob;               ///< the digest of the archive as it is, where that is known
    std::filesystem::path archive;  ///< a tar file, perhaps compressed; in a layout made by a pull it may be
                                    ///< empty where the layer is in the store
};

/// An image in the form in which it travels.
struct ImageSource {
    std::string digest;
    ImageConfig config;
    std::vector<LayerSource> layers;  ///< the lowest first
};

/// What a folder or an archive given for import holds.
enum class SourceKind {
    oci_layout,    ///< https://github.com/opencontainers/image-spec/blob/main/image-layout.md
    saved_images,  ///< by `docker save`
    root,          ///< a root file system
};

/// Tells by the names at the top of a folder or a tar archive. Throws `invalid` if `path` is neither.
[[nodiscard]] SourceKind kind_of_source(const std::filesystem::path& path);

/// The image of an OCI layout, unpacked in `folder`, that is for this machine; of several, the one called
/// `name`. Throws `invalid` if there is none, or if a part is missing or has another digest than is said.
[[nodiscard]] ImageSource read_oci_layout(const std::filesystem::path& folder, const ImageReference& name);

/// The image of a `docker save` archive, unpacked in `folder`; of several, the one called `name`. Its digest
/// is that of its config, which Docker shows as the image's id. Throws `invalid` as above.
[[nodiscard]] ImageSource read_saved_images(const std::filesystem::path& folder, const ImageReference& name);

/// Whether a folder looks like the root of a system: it has programs where programs are.
[[nodiscard]] bool has_programs(const std::filesystem::path& root);

}  // namespace flotilla
