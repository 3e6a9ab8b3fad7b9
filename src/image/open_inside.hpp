#pragma once

#include <string>

#include "base/file.hpp"

namespace flotilla {

/// Opens `path` as if the folder `root` were `/`: neither `..` nor a symbolic link leads out of it
/// (openat2(2) with RESOLVE_IN_ROOT). Empty, with errno set, if it cannot be opened.
[[nodiscard]] UniqueFd open_inside(int root, const std::string& path, int flags);

/// Opens a folder of the host for looking things up in it. Throws std::system_error.
[[nodiscard]] UniqueFd open_folder(const std::string& path);

}  // namespace flotilla
