#include "image/image_installer.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "image/digest.hpp"
#include "image/tree_writer.hpp"
#include "image/unpack.hpp"

namespace flotilla {

namespace fs = std::filesystem;

namespace {

/// The name of the folder for a layer and all below it: as the "chain id" of the OCI image specification,
/// which tells apart one layer laid upon different ones, since a layer takes the attributes of folders that
/// it has no entry for from below. Shortened so that 100 layers fit into the options of a mount.
std::string layer_name(std::string_view below, std::string_view digest) {
    constexpr std::size_t length = 24;
    return digest_hex(sha256_of(fmt::format("{} {}", below, digest))).substr(0, length);
}

/// Bytes on disk; a file with several names counts once.
std::int64_t size_on_disk(const fs::path& folder) {
    std::int64_t size = 0;
    std::set<ino_t> counted;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        struct stat status {};
        if (::lstat(entry.path().c_str(), &status) == 0 &&
            (status.st_nlink == 1 || S_ISDIR(status.st_mode) || counted.insert(status.st_ino).second)) {
            size += static_cast<std::int64_t>(status.st_blocks) * 512;
        }
    }
    return size;
}

/// The sizes of the layers that images in the store have, by their folders: to measure one again takes longer
/// than to unpack a small one.
std::map<std::string, std::int64_t> recorded_sizes(const StoreFolder& folder) {
    std::map<std::string, std::int64_t> sizes;
    for (const ImageRecord& image : folder.records()) {
        for (const LayerRecord& layer : image.layers) {
            sizes.emplace(layer.folder, layer.size);
        }
    }
    return sizes;
}

/// Moves an unpacked layer to where it belongs, unless another process was there first.
void put_layer(const fs::path& unpacked, const fs::path& place) {
    std::error_code error;
    fs::rename(unpacked, place, error);
    if (error && error != std::errc::directory_not_empty && error != std::errc::file_exists) {
        throw std::system_error(error, fmt::format("cannot create {}", place.string()));
    }
}

TimePoint now() {
    return SystemClock().now();
}

}  // namespace

StoredImage ImageInstaller::install(const Naming& naming, ImageOrigin origin, const ImageSource& source,
                                    const WorkFolder& work, const std::stop_token& stop) {
    if (source.layers.empty()) {
        throw invalid("the image has no layers");
    }
    std::vector<std::string> folders;
    for (const LayerSource& layer : source.layers) {
        folders.push_back(layer_name(folders.empty() ? "" : folders.back(), layer.diff_id));
    }
    folder_.protect(folder_.lock(), work.path(), folders);
    ImageRecord record{.digest = source.digest, .origin = origin, .config = source.config, .layers = {}};
    record.layers = unpack_all(source.layers, folders, work, stop);
    return commit(naming, record);
}

StoredImage ImageInstaller::install_root(const ImageReference& name, const std::string& digest,
                                         const fs::path& root, const WorkFolder& work) {
    const std::string folder = layer_name("root", digest);
    folder_.protect(folder_.lock(), work.path(), {folder});
    put_layer(root, folder_.layer_path(folder));
    return commit({name}, {.digest = digest,
                           .origin = ImageOrigin::made_here,
                           .config = {},
                           .layers = {{folder, "", size_on_disk(folder_.layer_path(folder))}}});
}

/// The layers of an image that are being unpacked at once.
struct ImageInstaller::Unpacking {
    const std::vector<LayerSource>& sources;
    const std::vector<std::string>& folders;
    const WorkFolder& work;
    const std::stop_token& stop;
    UnpackBudget budget;
    std::map<std::string, std::int64_t> recorded_sizes;
    std::counting_semaphore<> places{std::max(1U, std::thread::hardware_concurrency())};
    std::vector<std::shared_future<LayerRecord>> layers = {};  ///< each known once it is in place
};

/// Each layer on a thread of its own: one that is unpacked waits for those below it, which it needs in place.
std::vector<LayerRecord> ImageInstaller::unpack_all(const std::vector<LayerSource>& sources,
                                                    const std::vector<std::string>& folders,
                                                    const WorkFolder& work, const std::stop_token& stop) {
    Unpacking unpacking{sources, folders, work, stop, UnpackBudget(limits_), recorded_sizes(folder_)};
    std::vector<std::packaged_task<LayerRecord()>> tasks;
    for (std::size_t index = 0; index < folders.size(); ++index) {
        tasks.emplace_back([this, &unpacking, index] { return unpack(unpacking, index); });
        unpacking.layers.push_back(tasks.back().get_future().share());
    }
    {
        std::vector<std::jthread> threads;
        threads.reserve(tasks.size());
        for (auto& task : tasks) {
            threads.emplace_back([&task] { task(); });
        }
    }
    std::vector<LayerRecord> records;
    for (const auto& layer : unpacking.layers) {
        records.push_back(layer.get());
    }
    return records;
}

LayerRecord ImageInstaller::unpack(Unpacking& unpacking, std::size_t index) {
    const std::string& folder = unpacking.folders[index];
    LayerRecord layer = unpacked_.once(folder, [&] {
        const fs::path place = folder_.layer_path(folder);
        const auto recorded = unpacking.recorded_sizes.find(folder);
        const bool is_there = fs::exists(place);
        if (is_there && recorded != unpacking.recorded_sizes.end()) {
            return LayerRecord{.folder = folder, .blob = "", .size = recorded->second};
        }
        if (!is_there) {
            unpack_fresh(unpacking, index, place);
        }
        return LayerRecord{.folder = folder, .blob = "", .size = size_on_disk(place)};
    });
    layer.blob = unpacking.sources[index].blob;
    return layer;
}

void ImageInstaller::unpack_fresh(Unpacking& unpacking, std::size_t index, const fs::path& place) {
    const LayerSource& source = unpacking.sources[index];
    const fs::path fresh = unpacking.work.path() / unpacking.folders[index];
    fs::create_directory(fresh);
    TreeWriter writer(fresh);
    {
        unpacking.places.acquire();
        const std::unique_ptr<std::counting_semaphore<>, void (*)(std::counting_semaphore<>*)> held(
            &unpacking.places, [](std::counting_semaphore<>* places) { places->release(); });
        if (unpack_archive(source.archive, ArchiveKind::layer, writer, unpacking.budget, unpacking.stop) !=
            source.diff_id) {
            throw invalid("a layer has another content than the image's config says ({})", source.diff_id);
        }
    }
    std::vector<fs::path> lower;
    for (std::size_t below = 0; below < index; ++below) {
        lower.push_back(folder_.layer_path(unpacking.layers[below].get().folder));
    }
    writer.finish(lower);
    crash_point("image.layer_unpacked");
    put_layer(fresh, place);
    crash_point("image.layer_in_place");
}

/// What was unpacked is on disk before a record speaks of it, and the record before a name does.
StoredImage ImageInstaller::commit(const Naming& naming, const ImageRecord& record) {
    folder_.flush();
    crash_point("image.flushed");
    std::optional<WorkFolder> unused;  // removed after the lock is let go of
    const StoreLock lock = folder_.lock();
    folder_.write_record(lock, record);
    crash_point("image.recorded");
    auto image = folder_.image(record.digest);
    if (!image) {
        throw std::runtime_error(
            fmt::format("the layers of {} were removed while it came in", naming.name.familiar()));
    }
    unused = point_name(lock, naming, record.digest);
    crash_point("image.named");
    return std::move(*image);
}

std::optional<StoredImage> ImageInstaller::name_stored(const Naming& naming, const std::string& digest) {
    std::optional<WorkFolder> unused;
    const StoreLock lock = folder_.lock();
    auto image = folder_.image(digest);
    if (image) {
        unused = point_name(lock, naming, digest);
    }
    return image;
}

/// Lets a name stand for an image; returns what nobody uses any more.
std::optional<WorkFolder> ImageInstaller::point_name(const StoreLock& lock, const Naming& naming,
                                                     const std::string& digest) {
    NameRecords names = folder_.names();
    NameRecord& named = names[naming.name.text()];
    const bool may_name =
        naming.when == Naming::When::always || (naming.when == Naming::When::if_free && named.digest.empty());
    if (!may_name || named.digest == digest) {
        return std::nullopt;
    }
    named = {digest, now()};
    folder_.write_names(lock, names);
    return folder_.take_out_unused(lock);
}

}  // namespace flotilla
