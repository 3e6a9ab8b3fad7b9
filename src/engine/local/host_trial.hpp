#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace flotilla {

/// Tries what every container needs of this host, a mount namespace of its own and an overlay on the file
/// system of `folder`, and says what it did not get, such as `mount an overlay: Operation not permitted`.
/// Takes milliseconds and leaves nothing. Throws std::system_error if the folder cannot be used.
[[nodiscard]] std::optional<std::string> what_containers_lack(const std::filesystem::path& folder);

}  // namespace flotilla
