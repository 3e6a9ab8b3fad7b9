#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "image/stored_image.hpp"

namespace flotilla {

/// What a manifest or an index points to:
/// https://github.com/opencontainers/image-spec/blob/main/descriptor.md
struct Descriptor {
    std::string media_type;
    std::string digest;  ///< `sha256:...`, checked
    std::int64_t size = 0;
    std::string platform;  ///< `linux/amd64`; empty if it is not said
    std::string name;      ///< of the image, where an OCI layout's index says it
};

/// One image for one platform.
struct Manifest {
    Descriptor config;
    std::vector<Descriptor> layers;  ///< the lowest first
};

/// A list of images: one per platform, or all that an OCI layout holds.
struct ManifestIndex {
    std::vector<Descriptor> manifests;
};

/// An image's config blob: https://github.com/opencontainers/image-spec/blob/main/config.md
struct ConfigBlob {
    ImageConfig config;
    std::string platform;               ///< `linux/amd64`; empty if it is not said
    std::vector<std::string> diff_ids;  ///< digests of the uncompressed layers, the lowest first
};

/// One image of a `docker save` archive's `manifest.json`; paths are in the archive.
struct SavedImage {
    std::string config;
    std::vector<std::string> names;
    std::vector<std::string> layers;
};

/// Whether it is a manifest or a list of any kind, also of one that is not understood here: a JSON object
/// that says its version, or that lists layers or manifests.
[[nodiscard]] bool is_manifest(std::string_view json);
/// Reads OCI and Docker (schema 2) manifests and lists. Throws `invalid` for anything else.
[[nodiscard]] std::variant<Manifest, ManifestIndex> parse_manifest(std::string_view json);
/// Throws `invalid`.
[[nodiscard]] ConfigBlob parse_config_blob(std::string_view json);
/// Throws `invalid`.
[[nodiscard]] std::vector<SavedImage> parse_saved_images(std::string_view json);

/// The images of this machine's platform, and those that do not say theirs.
[[nodiscard]] std::vector<Descriptor> for_this_platform(const ManifestIndex& index);
/// This machine's platform: `linux/amd64`.
[[nodiscard]] std::string this_platform();
/// The platforms of an index, for people: `linux/arm64, windows/amd64`.
[[nodiscard]] std::string platforms_text(const ManifestIndex& index);

}  // namespace flotilla
