#include "image/image_puller.hpp"

#include <chrono>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "base/error.hpp"
#include "image/digest.hpp"
#include "image/image_source.hpp"

namespace flotilla {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds manifest_timeout = std::chrono::minutes(1);
constexpr std::chrono::milliseconds fetch_timeout = std::chrono::hours(2);

PullOutcome outcome_of(const PullFailure& failure) {
    return std::visit([](const auto& either) -> PullOutcome { return either; }, failure);
}

/// The layers in the store that were fetched: by the layer below and the digest of the blob.
using KnownLayers = std::map<std::pair<std::string, std::string>, std::string>;

KnownLayers known_layers(const StoreFolder& folder) {
    KnownLayers known;
    for (const ImageRecord& record : folder.records()) {
        std::string below;
        for (const LayerRecord& layer : record.layers) {
            if (!layer.blob.empty() && fs::is_directory(folder.layer_path(layer.folder))) {
                known.emplace(std::pair(below, layer.blob), layer.folder);
            }
            below = layer.folder;
        }
    }
    return known;
}

}  // namespace

PullOutcome ImagePuller::pull(const ImageReference& name, const std::stop_token& stop) {
    return pulls_.once(name.text(), [&]() -> PullOutcome {
        try {
            return pull_alone(name, stop);
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::invalid) {
                return PullDenied{fmt::format("image {} cannot be used: {}", name.familiar(), error.what())};
            }
            return PullFailed{fmt::format("image {}: {}", name.familiar(), error.what())};
        } catch (const std::exception& error) {
            return PullFailed{fmt::format("image {} cannot be stored: {}", name.familiar(), error.what())};
        }
    });
}

PullOutcome ImagePuller::pull_alone(const ImageReference& name, const std::stop_token& stop) {
    const auto answer = registry_.manifest(name, manifest_timeout, stop);
    const auto* found = std::get_if<RemoteManifest>(&answer);
    if (found == nullptr) {
        return outcome_of(std::get<PullFailure>(answer));
    }
    if (auto image = installer_.name_stored(name, sha256_of(found->content))) {
        return std::move(*image);
    }
    return fetch(name, *found, stop);
}

/// Everything is asked for by digest from here on, so that a tag that moves meanwhile changes nothing.
PullOutcome ImagePuller::fetch(const ImageReference& name, const RemoteManifest& found,
                               const std::stop_token& stop) {
    ImageReference wanted = name;
    wanted.digest = sha256_of(found.content);
    auto manifest = parse_manifest(found.content);
    if (const auto* index = std::get_if<ManifestIndex>(&manifest)) {
        const auto images = for_this_platform(*index);
        if (images.empty()) {
            throw invalid("it is not made for {}, only for {}", this_platform(), platforms_text(*index));
        }
        wanted.digest = images.front().digest;
        const auto answer = registry_.manifest_at(found.endpoint, wanted, manifest_timeout, stop);
        const auto* chosen = std::get_if<RemoteManifest>(&answer);
        if (chosen == nullptr) {
            return outcome_of(std::get<PullFailure>(answer));
        }
        manifest = parse_manifest(chosen->content);
    }
    if (!std::holds_alternative<Manifest>(manifest)) {
        throw invalid("its index lists another index");
    }

    const WorkFolder work = installer_.make_work_folder();
    const fs::path layout = work.path() / "layout";
    lay_out_known_blobs(std::get<Manifest>(manifest).layers, work, layout);
    if (const auto failure = registry_.fetch(found.endpoint, wanted, layout, fetch_timeout, stop)) {
        return outcome_of(*failure);
    }
    ImageSource source = read_oci_layout(layout, name);
    source.digest = sha256_of(found.content);
    return installer_.install(name, ImageOrigin::pulled, source, work, stop);
}

/// Layers that are in the store are not fetched: skopeo takes a blob file that is there, and asks only for
/// its size. These files have no content; nobody reads them.
void ImagePuller::lay_out_known_blobs(const std::vector<Descriptor>& layers, const WorkFolder& work,
                                      const fs::path& layout) const {
    const fs::path blobs = layout / "blobs" / "sha256";
    fs::create_directories(blobs);
    const StoreLock lock = folder_.lock();
    const KnownLayers known = known_layers(folder_);
    std::vector<std::string> kept;
    for (const Descriptor& layer : layers) {
        const auto at = known.find({kept.empty() ? "" : kept.back(), layer.digest});
        if (at == known.end()) {
            break;
        }
        kept.push_back(at->second);
        const fs::path blob = blobs / digest_hex(layer.digest);
        write_file(blob, "");
        fs::resize_file(blob, static_cast<std::uintmax_t>(layer.size));
    }
    folder_.protect(lock, work.path(), kept);
}

}  // namespace flotilla
