#include "app/images.hpp"

#include "app/host_config.hpp"

namespace flotilla {

RegistryOptions registry_options(const Config& config) {
    return {.insecure_registries = config.images.insecure_registries,
            .mirrors = config.images.mirrors,
            .auth_file = config.docker_auth};
}

ImageStore open_image_store(const Config& config) {
    return ImageStore(config.data_dir / "images", config.data_dir / "runs", registry_options(config),
                      {.bytes = config.images.max_size.bytes});
}

ImageStore open_image_store(const std::filesystem::path& folder) {
    return open_image_store(load_host_config(folder));
}

}  // namespace flotilla
