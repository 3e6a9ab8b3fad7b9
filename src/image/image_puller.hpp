#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "base/shared_work.hpp"
#include "image/fetch_progress.hpp"
#include "image/image_installer.hpp"
#include "image/manifest.hpp"
#include "image/reference.hpp"
#include "image/registry.hpp"
#include "image/store_folder.hpp"
#include "image/stored_image.hpp"

namespace flotilla {

using PullOutcome = std::variant<StoredImage, PullDenied, PullFailed>;

/// Fetches images from registries into the store. Safe to call from any thread.
class ImagePuller {
public:
    ImagePuller(const StoreFolder& folder, ImageInstaller& installer, RegistryOptions options)
        : folder_(folder), installer_(installer), registry_(std::move(options)) {}

    /// See `ImageStore::pull`.
    [[nodiscard]] PullOutcome pull(const ImageReference& name, const std::stop_token& stop);
    /// See `ImageStore::pull_exactly`.
    [[nodiscard]] PullOutcome pull_exactly(const ImageReference& name, const std::string& digest,
                                           const std::stop_token& stop);

    /// See `ImageStore::progress`.
    [[nodiscard]] std::optional<FetchProgress> progress(const ImageReference& name) const {
        return fetches_.progress(name.text());
    }

private:
    PullOutcome pull_named(const ImageReference& name, const std::stop_token& stop);
    PullOutcome pull_digest(const ImageReference& name, const std::string& digest,
                            const std::stop_token& stop);
    PullOutcome take(const Naming& naming, const RemoteManifest& found, const std::stop_token& stop);
    PullOutcome fetch(const Naming& naming, const RemoteManifest& found, const std::stop_token& stop);
    [[nodiscard]] std::int64_t lay_out_known_blobs(const std::vector<Descriptor>& layers,
                                                   const WorkFolder& work,
                                                   const std::filesystem::path& layout) const;

    const StoreFolder& folder_;
    ImageInstaller& installer_;
    Registry registry_;
    SharedWork<PullOutcome> pulls_;
    Fetches fetches_;
};

}  // namespace flotilla
