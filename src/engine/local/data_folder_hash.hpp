#pragma once

#include <filesystem>
#include <string>

namespace flotilla {

/// Eight digits that name a data folder, so that two servers on one host keep what they make in the kernel
/// apart.
[[nodiscard]] std::string data_folder_hash(const std::filesystem::path& data_dir);

}  // namespace flotilla
