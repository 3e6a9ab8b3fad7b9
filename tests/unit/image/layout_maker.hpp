#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace flotilla::test {

/// What an image made for a test says.
struct LayoutOptions {
    std::string platform_architecture = "amd64";
    std::string name = "latest";  ///< in the index
    bool wrong_diff_ids = false;
};

/// Writes an OCI layout with one image of these layers, archives that may be compressed with gzip; `diff_ids`
/// are the digests of their uncompressed content. Its environment is `COLOUR=red`, its folder `/work`, its
/// user `1000`. Returns the digest of its manifest.
std::string make_oci_layout(const std::filesystem::path& folder,
                            const std::vector<std::filesystem::path>& layers,
                            const LayoutOptions& options = {});

/// Writes what `docker save` packs: one image per name, all of the same layers.
void make_saved_images(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& layers,
                       const std::vector<std::string>& names);

/// Packs a folder into a tar archive.
void pack(const std::filesystem::path& folder, const std::filesystem::path& archive);

}  // namespace flotilla::test
