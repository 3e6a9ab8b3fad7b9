#pragma once

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "base/subprocess.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {

/// A small root file system (bash, coreutils, grep, sed, awk, tar) made of this machine's own programs: made
/// once a test program, in about a second.
[[nodiscard]] inline const std::filesystem::path& base_image() {
    static const TemporaryFolder folder;
    static const std::filesystem::path root = [] {
        auto path = folder.path() / "root";
        const auto result =
            run_subprocess({FLOTILLA_BASE_IMAGE_SCRIPT, path.string()}, std::chrono::minutes{1});
        if (result.exit_code != 0) {
            throw std::runtime_error("base-image: " + result.errors);
        }
        return path;
    }();
    return root;
}

}  // namespace flotilla::test
