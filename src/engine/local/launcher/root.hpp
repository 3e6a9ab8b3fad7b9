#pragma once

#include "engine/local/launcher/answer.hpp"
#include "engine/local/launcher/protocol.hpp"

namespace flotilla::launcher {

/// The descriptors that a root is made with.
struct RootFiles {
    int folder = -1;          ///< of the run
    int user_namespace = -1;  ///< whose ids the files of the image get
};

/// Makes the image's layers this process's root, with /proc, /sys and /dev as Docker has them. All mounts are
/// made in the mount namespace of the caller, which must be its own; nothing of the host stays visible.
void enter_root(const LaunchSpec& spec, const RootFiles& files, const Answer& answer);

}  // namespace flotilla::launcher
