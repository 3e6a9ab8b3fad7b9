#include "app/images.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "config/load.hpp"

namespace flotilla {

RegistryOptions registry_options(const Config& config) {
    return {.insecure_registries = config.images.insecure_registries,
            .mirrors = config.images.mirrors,
            .auth_file = config.docker_auth};
}

ImageStore open_image_store(const Config& config) {
    return ImageStore(config.data_dir / "images", config.data_dir / "runs", registry_options(config));
}

ImageStore open_image_store(const std::filesystem::path& folder) {
    const auto loaded = load_config(folder, process_environment(), {.file_required = false, .host = {}});
    if (!loaded.errors.empty()) {
        throw invalid("{}", fmt::join(loaded.errors, "\n"));
    }
    return open_image_store(loaded.config);
}

}  // namespace flotilla
