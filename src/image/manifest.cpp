#include "image/manifest.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include "base/error.hpp"
#include "image/digest.hpp"

namespace flotilla {

namespace json = boost::json;

namespace {

json::value parse(std::string_view text, std::string_view what) {
    json::error_code error;
    json::value value = json::parse(json::string_view(text.data(), text.size()), error);
    if (error) {
        throw invalid("the image's {} is not JSON", what);
    }
    return value;
}

json::object parse_object(std::string_view text, std::string_view what) {
    json::value value = parse(text, what);
    if (!value.is_object()) {
        throw invalid("the image's {} is not a JSON object", what);
    }
    return std::move(value.as_object());
}

const json::object* object_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
    return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
    return value == nullptr ? nullptr : value->if_array();
}

/// Empty if it is missing, null or something else.
std::string string_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

std::vector<std::string> strings_at(const json::object& object, std::string_view key) {
    std::vector<std::string> strings;
    if (const json::array* array = array_at(object, key)) {
        for (const json::value& value : *array) {
            if (const json::string* text = value.if_string()) {
                strings.emplace_back(text->data(), text->size());
            }
        }
    }
    return strings;
}

std::string read_platform(const json::object* object) {
    const std::string system = object == nullptr ? "" : string_at(*object, "os");
    return system.empty() ? "" : system + "/" + string_at(*object, "architecture");
}

std::string name_of(const json::object& descriptor) {
    const json::object* annotations = object_at(descriptor, "annotations");
    if (annotations == nullptr) {
        return "";
    }
    const std::string full = string_at(*annotations, "io.containerd.image.name");
    return full.empty() ? string_at(*annotations, "org.opencontainers.image.ref.name") : full;
}

Descriptor read_descriptor(const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr) {
        throw invalid("the image's manifest is malformed");
    }
    Descriptor descriptor{.media_type = string_at(*object, "mediaType"),
                          .digest = string_at(*object, "digest"),
                          .platform = read_platform(object_at(*object, "platform")),
                          .name = name_of(*object)};
    const json::value* size = object->if_contains("size");
    if (size != nullptr && size->is_int64()) {
        descriptor.size = size->as_int64();
    }
    if (!is_sha256_digest(descriptor.digest) || descriptor.size < 0) {
        throw invalid("the image's manifest has a part without a sha256 digest and a size");
    }
    return descriptor;
}

std::vector<Descriptor> read_descriptors(const json::array& array) {
    std::vector<Descriptor> descriptors;
    for (const json::value& value : array) {
        descriptors.push_back(read_descriptor(value));
    }
    return descriptors;
}

Env read_env(const std::vector<std::string>& lines) {
    Env env;
    for (const std::string& line : lines) {
        const std::size_t equals = line.find('=');
        if (!line.empty() && equals != 0) {
            env.push_back({line.substr(0, equals),
                           equals == std::string::npos ? std::string() : line.substr(equals + 1)});
        }
    }
    return env;
}

}  // namespace

bool is_manifest(std::string_view text) {
    json::error_code error;
    const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
    const json::object* root = value.if_object();
    return !error && root != nullptr &&
           (root->contains("schemaVersion") || root->contains("layers") || root->contains("manifests"));
}

std::variant<Manifest, ManifestIndex> parse_manifest(std::string_view text) {
    const json::object root = parse_object(text, "manifest");
    if (const json::array* manifests = array_at(root, "manifests")) {
        return ManifestIndex{read_descriptors(*manifests)};
    }
    const json::value* config = root.if_contains("config");
    const json::array* layers = array_at(root, "layers");
    if (config == nullptr || layers == nullptr) {
        throw invalid("the image has no manifest that is understood (OCI, or Docker's version 2 schema 2)");
    }
    return Manifest{.config = read_descriptor(*config), .layers = read_descriptors(*layers)};
}

ConfigBlob parse_config_blob(std::string_view text) {
    const json::object root = parse_object(text, "config");
    const json::object* rootfs = object_at(root, "rootfs");
    if (rootfs == nullptr || array_at(*rootfs, "diff_ids") == nullptr) {
        throw invalid("it is no container image: its config has no layers");
    }
    ConfigBlob blob{
        .config = {}, .platform = read_platform(&root), .diff_ids = strings_at(*rootfs, "diff_ids")};
    if (!std::all_of(blob.diff_ids.begin(), blob.diff_ids.end(), is_sha256_digest)) {
        throw invalid("the image's config names a layer without a sha256 digest");
    }
    if (const json::object* config = object_at(root, "config")) {
        blob.config = {.env = read_env(strings_at(*config, "Env")),
                       .working_dir = string_at(*config, "WorkingDir"),
                       .user = string_at(*config, "User")};
    }
    return blob;
}

std::vector<SavedImage> parse_saved_images(std::string_view text) {
    const json::value root = parse(text, "manifest.json");
    const json::array* array = root.if_array();
    if (array == nullptr || array->empty()) {
        throw invalid("the archive's manifest.json lists no image");
    }
    std::vector<SavedImage> images;
    for (const json::value& value : *array) {
        const json::object* object = value.if_object();
        if (object == nullptr || string_at(*object, "Config").empty()) {
            throw invalid("the archive's manifest.json is not one of `docker save`");
        }
        images.push_back({.config = string_at(*object, "Config"),
                          .names = strings_at(*object, "RepoTags"),
                          .layers = strings_at(*object, "Layers")});
    }
    return images;
}

std::vector<Descriptor> for_this_platform(const ManifestIndex& index) {
    std::vector<Descriptor> chosen;
    std::copy_if(
        index.manifests.begin(), index.manifests.end(), std::back_inserter(chosen),
        [](const Descriptor& image) { return image.platform.empty() || image.platform == this_platform(); });
    return chosen;
}

std::string this_platform() {
    utsname machine{};
    ::uname(&machine);
    const std::string_view name = machine.machine;
    return fmt::format("linux/{}", name == "x86_64" ? "amd64" : name == "aarch64" ? "arm64" : name);
}

std::string platforms_text(const ManifestIndex& index) {
    std::vector<std::string> platforms;
    for (const Descriptor& image : index.manifests) {
        // Build attestations stand in the list as images for no platform.
        if (!image.platform.empty() && image.platform != "unknown/unknown") {
            platforms.push_back(image.platform);
        }
    }
    std::sort(platforms.begin(), platforms.end());
    platforms.erase(std::unique(platforms.begin(), platforms.end()), platforms.end());
    return fmt::format("{}", fmt::join(platforms, ", "));
}

}  // namespace flotilla
