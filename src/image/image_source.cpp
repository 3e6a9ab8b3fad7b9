#include "image/image_source.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include "base/error.hpp"
#include "image/archive_reader.hpp"
#include "image/digest.hpp"
#include "image/manifest.hpp"
#include "image/open_inside.hpp"

namespace flotilla {

namespace fs = std::filesystem;

namespace {

/// The host's path of a file in a folder whose links must not lead out of it.
fs::path path_inside(const UniqueFd& folder, const std::string& path) {
    const UniqueFd file = open_inside(folder.get(), path, O_PATH);
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        throw invalid("{} is missing", path);
    }
    return fs::read_symlink(fmt::format("/proc/self/fd/{}", file.get()));
}

/// The content of a manifest or a config.
std::string read_inside(const UniqueFd& folder, const std::string& path) {
    const fs::path file = path_inside(folder, path);
    constexpr std::uintmax_t largest = std::uintmax_t{16} * 1024 * 1024;
    if (fs::file_size(file) > largest) {
        throw invalid("{} is larger than any manifest", path);
    }
    return read_file(file).value_or("");
}

std::string blob_path(const std::string& digest) {
    return "blobs/sha256/" + digest_hex(digest);
}

std::string read_blob(const UniqueFd& layout, const Descriptor& descriptor) {
    std::string content = read_inside(layout, blob_path(descriptor.digest));
    if (sha256_of(content) != descriptor.digest) {
        throw invalid("{} has another content than its name says", blob_path(descriptor.digest));
    }
    return content;
}

/// Whether a layout calls an image so; some write only the tag.
bool is_called(const std::string& text, const ImageReference& name) {
    return parse_image_reference(text) == name || (!name.tag.empty() && text == name.tag);
}

/// The one image for this machine of what a layout lists.
Descriptor choose(const ManifestIndex& index, const ImageReference& name) {
    std::vector<Descriptor> images = for_this_platform(index);
    if (images.empty()) {
        const std::string platforms = platforms_text(index);
        throw invalid("it has no image for {}; it has {}", this_platform(),
                      platforms.empty() ? "none" : platforms);
    }
    const auto called = std::find_if(images.begin(), images.end(),
                                     [&](const Descriptor& image) { return is_called(image.name, name); });
    const bool one = std::all_of(images.begin(), images.end(), [&](const Descriptor& image) {
        return image.digest == images.front().digest;
    });
    if (called == images.end() && !one) {
        std::set<std::string> names;
        std::transform(
            images.begin(), images.end(), std::inserter(names, names.end()),
            [](const Descriptor& image) { return image.name.empty() ? image.digest : image.name; });
        throw invalid("it has several images, and none is called {}: {}", name.familiar(),
                      fmt::join(names, ", "));
    }
    return called == images.end() ? images.front() : *called;
}

void check_platform(const std::string& platform) {
    if (!platform.empty() && platform != this_platform()) {
        throw invalid("the image is for {}, and this machine is {}", platform, this_platform());
    }
}

void check_layer_count(std::size_t archives, std::size_t diff_ids) {
    if (archives != diff_ids) {
        throw invalid("the image's manifest and config do not name the same number of layers ({} and {})",
                      archives, diff_ids);
    }
}

/// A name at the top of a tree, of a path in it: `usr` of `./usr/bin`.
std::string top_of(std::string_view path) {
    while (path.starts_with("./") || path.starts_with('/')) {
        path.remove_prefix(path.find('/') + 1);
    }
    return std::string(path.substr(0, path.find('/')));
}

SourceKind kind_of_folder(const fs::path& folder) {
    if (fs::exists(folder / "oci-layout")) {
        return SourceKind::oci_layout;
    }
    const bool root = fs::is_directory(folder / "usr") || fs::is_directory(folder / "bin");
    return fs::exists(folder / "manifest.json") && !root ? SourceKind::saved_images : SourceKind::root;
}

SourceKind kind_of_archive(const fs::path& file) {
    static const std::set<std::string> root_folders{"bin",   "boot", "dev",  "etc",  "home", "lib",
                                                    "lib64", "opt",  "proc", "root", "run",  "sbin",
                                                    "srv",   "sys",  "tmp",  "usr",  "var"};
    ArchiveReader reader(file);
    SourceKind kind = SourceKind::root;
    while (archive_entry* entry = reader.next()) {
        const char* path = archive_entry_pathname(entry);
        const std::string top = top_of(path == nullptr ? "" : path);
        if (top == "oci-layout") {
            return SourceKind::oci_layout;
        }
        if (root_folders.contains(top)) {
            return SourceKind::root;
        }
        if (top == "manifest.json") {
            kind = SourceKind::saved_images;  // newer ones are OCI layouts, too
        }
    }
    return kind;
}

}  // namespace

SourceKind kind_of_source(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::is_directory(status)) {
        return kind_of_folder(path);
    }
    if (!fs::exists(status)) {
        throw invalid("{} does not exist", path.string());
    }
    if (!fs::is_regular_file(status)) {
        throw invalid("{} is neither a folder nor a file", path.string());
    }
    return kind_of_archive(path);
}

ImageSource read_oci_layout(const fs::path& folder, const ImageReference& name) {
    const UniqueFd layout = open_folder(folder.string());
    auto parsed = parse_manifest(read_inside(layout, "index.json"));
    ImageSource source;
    for (int depth = 0; std::holds_alternative<ManifestIndex>(parsed); ++depth) {
        constexpr int deepest = 4;
        if (depth == deepest) {
            throw invalid("its lists of images are nested too deep");
        }
        const Descriptor chosen = choose(std::get<ManifestIndex>(parsed), name);
        if (source.digest.empty()) {
            source.digest = chosen.digest;
        }
        parsed = parse_manifest(read_blob(layout, chosen));
    }
    const Manifest& manifest = std::get<Manifest>(parsed);
    if (source.digest.empty()) {
        throw invalid("index.json lists no images");
    }
    ConfigBlob blob = parse_config_blob(read_blob(layout, manifest.config));
    check_platform(blob.platform);
    check_layer_count(manifest.layers.size(), blob.diff_ids.size());
    source.config = std::move(blob.config);
    for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
        const std::string& digest = manifest.layers[i].digest;
        source.layers.push_back({blob.diff_ids[i], digest, path_inside(layout, blob_path(digest))});
    }
    return source;
}

ImageSource read_saved_images(const fs::path& folder, const ImageReference& name) {
    const UniqueFd archive = open_folder(folder.string());
    const std::vector<SavedImage> images = parse_saved_images(read_inside(archive, "manifest.json"));
    auto chosen = std::find_if(images.begin(), images.end(), [&](const SavedImage& image) {
        return std::any_of(image.names.begin(), image.names.end(),
                           [&](const std::string& text) { return parse_image_reference(text) == name; });
    });
    if (chosen == images.end() && images.size() > 1) {
        std::vector<std::string> names;
        for (const SavedImage& image : images) {
            names.insert(names.end(), image.names.begin(), image.names.end());
        }
        throw invalid("it has several images, and none is called {}: {}", name.familiar(),
                      fmt::join(names, ", "));
    }
    chosen = chosen == images.end() ? images.begin() : chosen;
    const std::string config = read_inside(archive, chosen->config);
    ConfigBlob blob = parse_config_blob(config);
    check_platform(blob.platform);
    check_layer_count(chosen->layers.size(), blob.diff_ids.size());
    ImageSource source{.digest = sha256_of(config), .config = std::move(blob.config), .layers = {}};
    for (std::size_t i = 0; i < chosen->layers.size(); ++i) {
        source.layers.push_back({blob.diff_ids[i], "", path_inside(archive, chosen->layers[i])});
    }
    return source;
}

bool has_programs(const fs::path& root) {
    constexpr std::array<const char*, 5> folders{"bin", "usr/bin", "sbin", "usr/sbin", "usr/local/bin"};
    const UniqueFd tree = open_folder(root.string());
    return std::any_of(folders.begin(), folders.end(), [&](const char* name) {
        const UniqueFd folder = open_inside(tree.get(), name, O_RDONLY | O_DIRECTORY);
        if (!folder) {
            return false;
        }
        const fs::directory_iterator files(fmt::format("/proc/self/fd/{}", folder.get()));
        return std::any_of(begin(files), end(files), [](const fs::directory_entry& file) {
            const fs::file_status status = file.symlink_status();
            return fs::is_symlink(status) ||
                   (fs::is_regular_file(status) &&
                    (status.permissions() & fs::perms::owner_exec) != fs::perms::none);
        });
    });
}

}  // namespace flotilla
