#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/shared_work.hpp"
#include "image/image_source.hpp"
#include "image/reference.hpp"
#include "image/store_folder.hpp"
#include "image/stored_image.hpp"
#include "image/unpack_budget.hpp"

namespace flotilla {

/// What an image that comes in is to be called.
struct Naming {
    enum class When { always, if_free, never };
    ImageReference name;
    When when = When::always;  ///< `if_free`: unless the name stands for an image already
};

/// Brings images into the store: unpacks the layers that are not there, then names the image. Safe to call
/// from any thread; a layer that several images need at once is unpacked once.
class ImageInstaller {
public:
    ImageInstaller(const StoreFolder& folder, UnpackLimits limits) : folder_(folder), limits_(limits) {}

    [[nodiscard]] WorkFolder make_work_folder() const { return folder_.make_work_folder(folder_.lock()); }

    /// Layers are unpacked side by side, as many at once as there are processors. Throws `invalid` if a layer
    /// cannot be unpacked or is not what the image's config says, `unavailable` once `stop` is requested, and
    /// std::system_error.
    StoredImage install(const Naming& naming, ImageOrigin origin, const ImageSource& source,
                        const WorkFolder& work, const std::stop_token& stop = {});

    /// Takes over a root file system that lies in `work`.
    StoredImage install_root(const ImageReference& name, const std::string& digest,
                             const std::filesystem::path& root, const WorkFolder& work);

    /// Names an image that is in the store; nothing if it is not there any more.
    std::optional<StoredImage> name_stored(const Naming& naming, const std::string& digest);

private:
    struct Unpacking;
    std::vector<LayerRecord> unpack_all(const std::vector<LayerSource>& sources,
                                        const std::vector<std::string>& folders, const WorkFolder& work,
                                        const std::stop_token& stop);
    LayerRecord unpack(Unpacking& unpacking, std::size_t index);
    void unpack_fresh(Unpacking& unpacking, std::size_t index, const std::filesystem::path& place);
    StoredImage commit(const Naming& naming, const ImageRecord& record);
    std::optional<WorkFolder> point_name(const StoreLock& lock, const Naming& naming,
                                         const std::string& digest);

    const StoreFolder& folder_;
    UnpackLimits limits_;
    SharedWork<LayerRecord> unpacked_;
};

}  // namespace flotilla
