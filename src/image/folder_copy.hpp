#pragma once

#include <filesystem>
#include <string>

#include "image/tree_writer.hpp"

namespace flotilla {

/// Copies a root file system as it is: ownership, modes, times, links and extended attributes. Other file
/// systems mounted in it (/proc, /sys), device nodes and sockets are left out, and so is the folder
/// `leave_out`, which may lie in it. Returns a digest of all that was copied, `sha256:...`. Throws
/// std::system_error.
std::string copy_root(const std::filesystem::path& from, TreeWriter& into,
                      const std::filesystem::path& leave_out);

}  // namespace flotilla
