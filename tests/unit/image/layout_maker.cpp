#include "unit/image/layout_maker.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/file.hpp"
#include "image/archive_reader.hpp"
#include "image/digest.hpp"
#include "unit/image/tar_maker.hpp"

namespace flotilla::test {

namespace fs = std::filesystem;

namespace {

std::string uncompressed_digest(const fs::path& archive) {
    ArchiveReader reader(archive);
    while (reader.next() != nullptr) {
    }
    return reader.digest();
}

std::string config_json(const std::vector<fs::path>& layers, const LayoutOptions& options) {
    std::vector<std::string> diff_ids;
    for (const fs::path& layer : layers) {
        diff_ids.push_back('"' + (options.wrong_diff_ids ? sha256_of("other") : uncompressed_digest(layer)) +
                           '"');
    }
    return fmt::format(
        R"({{"architecture":"{}","os":"linux","config":{{"Env":["COLOUR=red"],"WorkingDir":"/work","User":"1000"}},)"
        R"("rootfs":{{"type":"layers","diff_ids":[{}]}}}})",
        options.platform_architecture, fmt::join(diff_ids, ","));
}

/// Adds a blob and returns a descriptor of it.
std::string put_blob(const fs::path& layout, const std::string& content, const std::string& more = "") {
    const std::string digest = sha256_of(content);
    write_file(layout / "blobs/sha256" / digest_hex(digest), content);
    return fmt::format(R"({{"mediaType":"x","digest":"{}","size":{}{}}})", digest, content.size(), more);
}

}  // namespace

std::string make_oci_layout(const fs::path& folder, const std::vector<fs::path>& layers,
                            const LayoutOptions& options) {
    fs::create_directories(folder / "blobs/sha256");
    write_file(folder / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    std::vector<std::string> descriptors;
    for (const fs::path& layer : layers) {
        descriptors.push_back(put_blob(folder, *read_file(layer)));
    }
    const std::string manifest =
        fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})",
                    put_blob(folder, config_json(layers, options)), fmt::join(descriptors, ","));
    const std::string more = fmt::format(R"(,"platform":{{"os":"linux","architecture":"{}"}},)"
                                         R"("annotations":{{"org.opencontainers.image.ref.name":"{}"}})",
                                         options.platform_architecture, options.name);
    write_file(folder / "index.json",
               fmt::format(R"({{"schemaVersion":2,"manifests":[{}]}})", put_blob(folder, manifest, more)));
    return sha256_of(manifest);
}

void make_saved_images(const fs::path& folder, const std::vector<fs::path>& layers,
                       const std::vector<std::string>& names) {
    fs::create_directories(folder);
    std::vector<std::string> files;
    for (const fs::path& layer : layers) {
        fs::copy_file(layer, folder / layer.filename(), fs::copy_options::overwrite_existing);
        files.push_back('"' + layer.filename().string() + '"');
    }
    write_file(folder / "config.json", config_json(layers, {}));
    std::vector<std::string> images;
    for (const std::string& name : names) {
        images.push_back(fmt::format(R"({{"Config":"config.json","RepoTags":["{}"],"Layers":[{}]}})", name,
                                     fmt::join(files, ",")));
    }
    write_file(folder / "manifest.json", fmt::format("[{}]", fmt::join(images, ",")));
}

void pack(const fs::path& folder, const fs::path& archive) {
    TarMaker tar(archive);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string path = fs::relative(entry.path(), folder).string();
        if (entry.is_directory()) {
            tar.folder(path);
        } else {
            tar.file(path, *read_file(entry.path()), 0755);
        }
    }
    tar.finish();
}

}  // namespace flotilla::test
