#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "image/image_installer.hpp"
#include "image/image_puller.hpp"
#include "image/reference.hpp"
#include "image/registry.hpp"
#include "image/store_folder.hpp"
#include "image/stored_image.hpp"

namespace flotilla {

/// A name in the store, for people.
struct ImageListing {
    ImageReference name;
    std::string digest;
    std::int64_t size = 0;  ///< bytes on disk of its layers
    ImageOrigin origin = ImageOrigin::pulled;
    TimePoint created_at;  ///< when it came into the store
};

/// The images of this host: `<data_dir>/images`, shared by the server and the command line, which may run at
/// once. Every layer is unpacked once, into its own folder. Safe to call from any thread. Every function
/// throws std::system_error when the folder cannot be read or written.
class ImageStore {
public:
    /// Opens the store in `folder`, which is made if it is not there, and clears away what a crash left.
    /// `runs` is where live runs have their folders, `<data_dir>/runs`; it may not exist yet.
    ImageStore(std::filesystem::path folder, std::filesystem::path runs, RegistryOptions options);

    [[nodiscard]] std::optional<StoredImage> find(const ImageReference& name) const;

    /// As `find`, and keeps the layers from removal for as long as the file `layers` that it writes into
    /// `run_folder`, a folder below `runs`, is there.
    [[nodiscard]] std::optional<StoredImage> claim(const ImageReference& name,
                                                   const std::filesystem::path& run_folder) const;

    /// Fetches the image from its registry (skopeo) and names it; an image that is here already is asked for
    /// anew, and only what changed is fetched. Threads that pull one image at once share one pull. Ends soon,
    /// as failed, once `stop` is requested.
    [[nodiscard]] PullOutcome pull(const ImageReference& name, const std::stop_token& stop = {});

    /// Takes an OCI layout, a `docker save` archive or a root file system, each as folder or as tar (perhaps
    /// compressed), told apart by what is in them. Throws `invalid` with the reason if it is none of these.
    StoredImage import(const ImageReference& name, const std::filesystem::path& path);

    /// By name.
    [[nodiscard]] std::vector<ImageListing> list() const;

    /// Forgets the name, and removes the layers that no other image uses. Throws `not_found`, and `conflict`
    /// if a live run uses a layer that would go.
    void remove(const ImageReference& name);

private:
    StoreFolder folder_;
    ImageInstaller installer_;
    ImagePuller puller_;
};

}  // namespace flotilla
