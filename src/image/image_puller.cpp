#include "image/image_puller.hpp"

#include <chrono>
#include <map>
#include <numeric>
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

/// What `pull` answers; an exception of it is said as an outcome.
template <typename Pull>
PullOutcome said(const ImageReference& name, Pull pull) {
    try {
        return pull();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::invalid) {
            return PullDenied{fmt::format("image {} cannot be used: {}", name.familiar(), error.what())};
        }
        return PullFailed{fmt::format("image {}: {}", name.familiar(), error.what())};
    } catch (const std::exception& error) {
        return PullFailed{fmt::format("image {} cannot be stored: {}", name.familiar(), error.what())};
    }
}

/// As people compare digests.
std::string shortened(const std::string& digest) {
    return digest.substr(0, std::string_view("sha256:0123456789ab").size());
}

PullOutcome means_another(const ImageReference& name, const std::string& digest) {
    return PullDenied{
        fmt::format("image {} means another image now than when the run was made ({}), and that one can no "
                    "longer be had: run it again",
                    name.familiar(), shortened(digest))};
}

}  // namespace

PullOutcome ImagePuller::pull(const ImageReference& name, const std::stop_token& stop) {
    return pulls_.once(name.text(), [&] { return said(name, [&] { return pull_named(name, stop); }); });
}

PullOutcome ImagePuller::pull_exactly(const ImageReference& name, const std::string& digest,
                                      const std::stop_token& stop) {
    return pulls_.once(name.text() + " " + digest, [&] {
        return said(name, [&]() -> PullOutcome {
            folder_.pin(folder_.lock(), digest);
            PullOutcome outcome = pull_digest(name, digest, stop);
            const auto names = folder_.names();
            const auto named = names.find(name.text());
            const bool is_another = named != names.end() && named->second.digest != digest;
            return is_another && !std::holds_alternative<StoredImage>(outcome) ? means_another(name, digest)
                                                                               : std::move(outcome);
        });
    });
}

PullOutcome ImagePuller::pull_named(const ImageReference& name, const std::stop_token& stop) {
    const auto answer = registry_.manifest(name, manifest_timeout, stop);
    const auto* found = std::get_if<RemoteManifest>(&answer);
    return found != nullptr ? take({name}, *found, stop) : outcome_of(std::get<PullFailure>(answer));
}

/// First by the name, which is one question as a rule and tells whether it still stands for that image.
PullOutcome ImagePuller::pull_digest(const ImageReference& name, const std::string& digest,
                                     const std::stop_token& stop) {
    const auto named = registry_.manifest(name, manifest_timeout, stop);
    const auto* found = std::get_if<RemoteManifest>(&named);
    if (found != nullptr && sha256_of(found->content) == digest) {
        return take({name, Naming::When::if_free}, *found, stop);
    }
    const auto* failure = std::get_if<PullFailure>(&named);
    if (failure != nullptr && std::holds_alternative<PullFailed>(*failure)) {
        return outcome_of(*failure);
    }
    ImageReference exact = name;
    exact.digest = digest;
    const auto answer = registry_.manifest(exact, manifest_timeout, stop);
    if (const auto* exactly = std::get_if<RemoteManifest>(&answer)) {
        return take({name, Naming::When::never}, *exactly, stop);
    }
    const auto& refusal = std::get<PullFailure>(answer);
    const bool is_denied = std::holds_alternative<PullDenied>(refusal);
    return found != nullptr && is_denied ? means_another(name, digest) : outcome_of(refusal);
}

PullOutcome ImagePuller::take(const Naming& naming, const RemoteManifest& found,
                              const std::stop_token& stop) {
    if (auto image = installer_.name_stored(naming, sha256_of(found.content))) {
        return std::move(*image);
    }
    return fetch(naming, found, stop);
}

/// Everything is asked for by digest from here on, so that a tag that moves meanwhile changes nothing.
PullOutcome ImagePuller::fetch(const Naming& naming, const RemoteManifest& found,
                               const std::stop_token& stop) {
    ImageReference wanted = naming.name;
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
    const auto missing = lay_out_known_blobs(std::get<Manifest>(manifest).layers, work, layout);
    auto listed = fetches_.list(naming.name.text(), layout, missing);
    if (const auto failure = registry_.fetch(found.endpoint, wanted, layout, fetch_timeout, stop)) {
        return outcome_of(*failure);
    }
    listed.note_fetched();
    ImageSource source = read_oci_layout(layout, naming.name);
    source.digest = sha256_of(found.content);
    return installer_.install(naming, ImageOrigin::pulled, source, work, stop);
}

/// Layers that are in the store are not fetched: skopeo takes a blob file that is there, and asks only for
/// its size. These files have no content; nobody reads them. Returns the bytes of the others.
std::int64_t ImagePuller::lay_out_known_blobs(const std::vector<Descriptor>& layers, const WorkFolder& work,
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
    return std::accumulate(layers.begin() + static_cast<std::ptrdiff_t>(kept.size()), layers.end(),
                           std::int64_t{0},
                           [](std::int64_t sum, const Descriptor& layer) { return sum + layer.size; });
}

}  // namespace flotilla
