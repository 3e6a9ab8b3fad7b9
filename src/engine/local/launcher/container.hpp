#pragma once

#include <vector>

#include "engine/local/launcher/answer.hpp"

namespace flotilla::launcher {

/// What a container is born with: the descriptors that came with a request, and the namespace of all jobs.
struct ContainerFiles {
    int spec = -1;
    int log = -1;
    int network = -1;  ///< a namespace
    int user_namespace = -1;
    std::vector<int> cgroups;  ///< which it joins by writing `0` to them
};

/// The life of a container's process 1, from its birth in new namespaces to its end: reads the spec, makes
/// its root, joins its cgroups, starts the job and serves it. Never returns.
[[noreturn]] void run_container(const ContainerFiles& files, const Answer& answer);

}  // namespace flotilla::launcher
