#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "image/fetch_progress.hpp"
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
    TimePoint used_at;     ///< when a run last started from it; at first, when it came
};

/// The images of this host: `<data_dir>/images`, shared by the server and the command line, which may run at
/// once. Every layer is unpacked once, into its own folder. Safe to call from any thread. Every function
/// throws std::system_error when the folder cannot be read or written.
class ImageStore {
public:
    /// Opens the store in `folder`, which is made if it is not there, and clears away what a crash left.
    /// `runs` is where live runs have their folders, `<data_dir>/runs`; it may not exist yet. An image that
    /// goes beyond `limits` is refused.
    ImageStore(std::filesystem::path folder, std::filesystem::path runs, RegistryOptions options,
               UnpackLimits limits = {});

    [[nodiscard]] std::optional<StoredImage> find(const ImageReference& name) const;

    /// The image of that digest, whatever its name stands for now; of an empty digest as `find`. Keeps the
    /// layers from removal for as long as the file `layers` that it writes into `run_folder`, a folder below
    /// `runs`, is there.
    [[nodiscard]] std::optional<StoredImage> claim(const ImageReference& name, const std::string& digest,
                                                   const std::filesystem::path& run_folder) const;

    /// Fetches the image from its registry (skopeo) and names it; an image that is here already is asked for
    /// anew, and only what changed is fetched. Threads that pull one image at once share one pull. Ends soon,
    /// as failed, once `stop` is requested.
    [[nodiscard]] PullOutcome pull(const ImageReference& name, const std::stop_token& stop = {});

    /// Fetches the image that the name stood for when it had that digest, and keeps it as `pin` does. It is
    /// named only where the name is free here and the registry still gives it to that image. `PullDenied`
    /// says so if the name means another image by now and this one cannot be had any more.
    [[nodiscard]] PullOutcome pull_exactly(const ImageReference& name, const std::string& digest,
                                           const std::stop_token& stop = {});

    /// How far a pull of the image is, once it is known what has to be fetched; nothing if none goes on.
    [[nodiscard]] std::optional<FetchProgress> progress(const ImageReference& name) const {
        return puller_.progress(name);
    }

    /// Takes an OCI layout, a `docker save` archive or a root file system, each as folder or as tar (perhaps
    /// compressed), told apart by what is in them. Throws `invalid` with the reason if it is none of these.
    StoredImage import(const ImageReference& name, const std::filesystem::path& path);

    /// By name.
    [[nodiscard]] std::vector<ImageListing> list() const;

    /// Forgets the name, and removes the layers that no other image uses, unless the image is pinned. Throws
    /// `not_found`, and `conflict` if a live run uses a layer that would go.
    void remove(const ImageReference& name);

    /// Keeps an image in the store, or the one that will come, for runs that wait: until `unpin`, also if its
    /// name is removed or comes to stand for another, and over restarts.
    void pin(const std::string& digest);
    void unpin(const std::set<std::string>& digests);
    /// The digests that are pinned.
    [[nodiscard]] std::set<std::string> pins() const;
    /// Removes what neither a name nor a pin nor a live run keeps. Once `stop` is requested the rest is left
    /// to whoever opens the store next.
    void remove_unused(const std::stop_token& stop = {});
    /// Removes images that came from a registry, the one that was not used for longest first, until all take
    /// at most `most` bytes of disk. Those that a pin or a live run keeps stay.
    void keep_within(std::int64_t most, const std::stop_token& stop = {});

private:
    StoreFolder folder_;
    UnpackLimits limits_;
    ImageInstaller installer_;
    ImagePuller puller_;
};

}  // namespace flotilla
