#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/guarded.hpp"
#include "engine/engine.hpp"

namespace flotilla {

/// Which of a host's GPUs belongs to whom: to one attempt at most. Remembers nothing beyond its own life;
/// engines keep what was granted with the task. Safe to call from any thread.
class GpuGrants {
public:
    /// The host has `count` more, numbered on from those it has.
    void add(int count);
    /// The indices of `count` free ones, lowest first; nothing if fewer are free. An attempt that holds some
    /// already keeps those.
    [[nodiscard]] std::optional<std::vector<int>> grant(const AttemptName& name, int count);
    /// It holds these, which it was granted before.
    void hold(const AttemptName& name, const std::vector<int>& gpus);
    void release(const AttemptName& name);

private:
    struct Grants {
        int count = 0;
        std::map<AttemptName, std::vector<int>> held;
    };
    Guarded<Grants> grants_;
};

/// The GPUs that the task asks for, as `GpuGrants::grant`; a host without `grants` has none.
[[nodiscard]] std::optional<std::vector<int>> grant_gpus(GpuGrants* grants, const Task& task);
void release_gpus(GpuGrants* grants, const AttemptName& name);

}  // namespace flotilla
