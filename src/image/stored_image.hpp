#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/env.hpp"

namespace flotilla {

/// What an image says about the processes run from it (OCI image config).
struct ImageConfig {
    Env env;
    std::string working_dir;  ///< empty: /
    std::string user;         ///< `name`, `uid`, `uid:gid`, ...; empty: root
};

/// An image that is ready to be run.
struct StoredImage {
    std::string
        digest;  ///< `sha256:...`: what its name stands for at the registry (a manifest or an index); of a
                 ///< `docker save` archive that of its config, of one made here that of its content
    ImageConfig config;
    /// Unpacked folders, the lowest first, with overlay whiteouts. All lie in one folder and have short
    /// names, since mount(2) takes 4 KiB of options.
    std::vector<std::filesystem::path> layers;
};

}  // namespace flotilla
