#pragma once

#include <filesystem>

namespace flotilla {

struct ServeOptions {
    std::filesystem::path config;  ///< the folder that holds config.yml
    bool check = false;            ///< only check the configuration
    bool ignore_unknown = false;   ///< unknown keys are warnings
};

/// Loads the configuration and serves until SIGINT or SIGTERM. What is wrong with the configuration is told
/// on standard error, one line each; whatever comes after it was read, also why the server cannot start, goes
/// into the log. Returns the process's exit status.
int serve(const ServeOptions& options);

}  // namespace flotilla
