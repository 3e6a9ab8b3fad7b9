#include "image/image_store.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "image/eviction.hpp"
#include "image/folder_copy.hpp"
#include "image/image_source.hpp"
#include "image/tree_writer.hpp"
#include "image/unpack.hpp"

namespace flotilla {

namespace fs = std::filesystem;

namespace {

/// Unpacks an archive, or copies a folder, that is a root file system.
std::string take_root(const fs::path& path, const fs::path& into, const fs::path& store,
                      const UnpackLimits& limits) {
    fs::create_directory(into);
    TreeWriter writer(into);
    if (fs::is_directory(path)) {
        return copy_root(path, writer, store);
    }
    UnpackBudget budget(limits);
    auto digest = unpack_archive(path, ArchiveKind::plain, writer, budget);
    writer.finish();
    return digest;
}

/// The folder in which the parts of a packed image lie: `path` itself, or an archive unpacked into `work`.
fs::path unpacked_parts(const fs::path& path, const WorkFolder& work, const UnpackLimits& limits) {
    if (fs::is_directory(path)) {
        return path;
    }
    fs::path parts = work.path() / "parts";
    fs::create_directory(parts);
    TreeWriter writer(parts);
    UnpackBudget budget(limits);
    unpack_archive(path, ArchiveKind::plain, writer, budget);
    writer.finish();
    return parts;
}

void check_root(const fs::path& root) {
    if (!has_programs(root)) {
        throw invalid(
            "it is no image: wanted is an OCI layout (with a file oci-layout), an archive of `docker save` "
            "(with "
            "manifest.json) or a root file system (with programs in bin or usr/bin)");
    }
}

/// The layers that only this image has.
std::set<std::string> own_layers(const StoreFolder& folder, const NameRecords& names,
                                 const std::string& digest) {
    std::set<std::string> layers;
    if (const auto record = folder.record(digest)) {
        for (const LayerRecord& layer : record->layers) {
            layers.insert(layer.folder);
        }
    }
    for (const auto& [name, named] : names) {
        const auto other = folder.record(named.digest);
        if (other && named.digest != digest) {
            for (const LayerRecord& layer : other->layers) {
                layers.erase(layer.folder);
            }
        }
    }
    return layers;
}

/// A live run keeps each image of which it has a layer.
std::vector<ImageUse> uses_of(const StoreFolder& folder, const StoreLock& lock) {
    const auto pins = folder.pins();
    const auto held = folder.layers_of_runs(lock);
    std::vector<ImageUse> uses;
    for (ImageRecord& record : folder.records()) {
        const bool is_held = std::ranges::any_of(
            record.layers, [&](const LayerRecord& layer) { return held.contains(layer.folder); });
        uses.push_back(
            {.digest = record.digest,
             .used_at = folder.used_at(record.digest),
             .layers = std::move(record.layers),
             .may_go = record.origin == ImageOrigin::pulled && !is_held && !pins.contains(record.digest)});
    }
    return uses;
}

}  // namespace

ImageStore::ImageStore(fs::path folder, fs::path runs, RegistryOptions options, UnpackLimits limits)
    : folder_(std::move(folder), std::move(runs)),
      limits_(limits),
      installer_(folder_, limits),
      puller_(folder_, installer_, std::move(options)) {}

std::optional<StoredImage> ImageStore::find(const ImageReference& name) const {
    const NameRecords names = folder_.names();
    const auto at = names.find(name.text());
    return at == names.end() ? std::nullopt : folder_.image(at->second.digest);
}

std::optional<StoredImage> ImageStore::claim(const ImageReference& name, const std::string& digest,
                                             const fs::path& run_folder) const {
    const StoreLock lock = folder_.lock();
    auto image = digest.empty() ? find(name) : folder_.image(digest);
    if (image) {
        std::vector<std::string> layers;
        std::transform(image->layers.begin(), image->layers.end(), std::back_inserter(layers),
                       [](const fs::path& layer) { return layer.filename().string(); });
        StoreFolder::protect(lock, run_folder, layers);
        folder_.note_use(lock, image->digest);
    }
    return image;
}

PullOutcome ImageStore::pull(const ImageReference& name, const std::stop_token& stop) {
    return puller_.pull(name, stop);
}

PullOutcome ImageStore::pull_exactly(const ImageReference& name, const std::string& digest,
                                     const std::stop_token& stop) {
    return puller_.pull_exactly(name, digest, stop);
}

void ImageStore::pin(const std::string& digest) {
    folder_.pin(folder_.lock(), digest);
}

void ImageStore::unpin(const std::set<std::string>& digests) {
    const StoreLock lock = folder_.lock();
    for (const std::string& digest : digests) {
        folder_.unpin(lock, digest);
    }
}

std::set<std::string> ImageStore::pins() const {
    return folder_.pins();
}

void ImageStore::remove_unused(const std::stop_token& stop) {
    auto unused = folder_.take_out_unused(folder_.lock());
    if (unused) {
        unused->remove(stop);
    }
}

void ImageStore::keep_within(std::int64_t most, const std::stop_token& stop) {
    std::optional<WorkFolder> unused;  // removed after the lock is let go of
    const StoreLock lock = folder_.lock();
    const auto evicted = images_to_evict(uses_of(folder_, lock), most);
    if (evicted.empty()) {
        return;
    }
    NameRecords names = folder_.names();
    std::erase_if(names, [&](const auto& named) {
        const bool goes = std::ranges::find(evicted, named.second.digest) != evicted.end();
        if (goes) {
            log_info(
                "image {} is removed: images take more than images.max_size, and it was not used for longest",
                named.first);
        }
        return goes;
    });
    folder_.write_names(lock, names);
    unused = folder_.take_out_unused(lock);
    if (unused) {
        unused->remove(stop);
    }
}

StoredImage ImageStore::import(const ImageReference& name, const fs::path& path) {
    try {
        const SourceKind kind = kind_of_source(path);
        const WorkFolder work = installer_.make_work_folder();
        if (kind != SourceKind::root) {
            const fs::path parts = unpacked_parts(path, work, limits_);
            return installer_.install({name}, ImageOrigin::imported,
                                      kind == SourceKind::oci_layout ? read_oci_layout(parts, name)
                                                                     : read_saved_images(parts, name),
                                      work);
        }
        if (fs::is_directory(path)) {
            check_root(path);  // before much is copied
        }
        const fs::path root = work.path() / "root";
        const std::string digest = take_root(path, root, folder_.path(), limits_);
        check_root(root);
        return installer_.install_root(name, digest, root, work);
    } catch (const Error& error) {
        throw Error(error.kind(), fmt::format("cannot import {}: {}", path.string(), error.what()));
    }
}

std::vector<ImageListing> ImageStore::list() const {
    std::vector<ImageListing> images;
    for (const auto& [text, named] : folder_.names()) {
        const auto name = parse_image_reference(text);
        const auto record = folder_.record(named.digest);
        if (name && record) {
            ImageListing image{.name = *name,
                               .digest = named.digest,
                               .origin = record->origin,
                               .created_at = named.created_at,
                               .used_at = folder_.used_at(named.digest)};
            for (const LayerRecord& layer : record->layers) {
                image.size += layer.size;
            }
            images.push_back(std::move(image));
        }
    }
    return images;
}

void ImageStore::remove(const ImageReference& name) {
    std::optional<WorkFolder> unused;  // removed after the lock is let go of
    const StoreLock lock = folder_.lock();
    NameRecords names = folder_.names();
    const auto at = names.find(name.text());
    if (at == names.end()) {
        throw not_found("image {} is not on this host", name.familiar());
    }
    const std::string digest = at->second.digest;
    names.erase(at);
    const bool has_other_name = std::any_of(names.begin(), names.end(),
                                            [&](const auto& other) { return other.second.digest == digest; });
    if (!has_other_name) {
        const auto own = own_layers(folder_, names, digest);
        for (const auto& [layer, run] : folder_.layers_of_runs(lock)) {
            if (own.contains(layer)) {
                throw conflict("image {} is in use by run {}; stop it first", name.familiar(), run);
            }
        }
    }
    folder_.write_names(lock, names);
    unused = folder_.take_out_unused(lock);
}

}  // namespace flotilla
