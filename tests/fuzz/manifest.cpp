#include "image/manifest.hpp"

#include <algorithm>

#include "fuzz_target.hpp"
#include "image/digest.hpp"

namespace flotilla::fuzz {

namespace {

void check(const std::vector<Descriptor>& descriptors) {
    for (const Descriptor& descriptor : descriptors) {
        require(is_sha256_digest(descriptor.digest), "every part has a digest that names a file safely");
        require(descriptor.size >= 0, "no size is negative");
    }
}

void read_manifest(std::string_view input) {
    const auto parsed = parse_manifest(input);
    if (const auto* index = std::get_if<ManifestIndex>(&parsed)) {
        check(index->manifests);
        check(for_this_platform(*index));
        static_cast<void>(platforms_text(*index));
        return;
    }
    const auto& manifest = std::get<Manifest>(parsed);
    check({manifest.config});
    check(manifest.layers);
}

void read_config(std::string_view input) {
    const ConfigBlob blob = parse_config_blob(input);
    require(std::all_of(blob.diff_ids.begin(), blob.diff_ids.end(), is_sha256_digest), "layers have digests");
    for (const EnvVar& variable : blob.config.env) {
        require(!variable.name.empty() && variable.name.find('=') == std::string::npos,
                "variables have names");
    }
}

}  // namespace

void manifest(std::string_view input) {
    switch (take_byte(input) % 3) {
        case 0:
            is_taken([&] { read_manifest(input); });
            break;
        case 1:
            is_taken([&] { read_config(input); });
            break;
        default:
            is_taken([&] {
                for (const SavedImage& image : parse_saved_images(input)) {
                    require(!image.config.empty(), "every saved image has a config");
                }
            });
    }
}

}  // namespace flotilla::fuzz
