#pragma once

#include "engine/local/launcher/answer.hpp"
#include "engine/local/launcher/protocol.hpp"

namespace flotilla::launcher {

/// Makes the image's layers this process's root, with /proc, /sys and /dev as Docker has them. All mounts are
/// made in the mount namespace of the caller, which must be its own; nothing of the host stays visible.
/// `folder` is the opened folder of the run.
void enter_root(const LaunchSpec& spec, int folder, const Answer& answer);

}  // namespace flotilla::launcher
