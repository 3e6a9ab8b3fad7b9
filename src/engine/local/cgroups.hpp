#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"

namespace flotilla {

/// Which hierarchies of this host have the controllers that a run needs.
struct CgroupLayout {
    std::string
        v1_memory;  ///< the controllers mounted together with memory, `memory` as a rule; empty: not on v1
    std::string v1_pids;
    std::string v1_cpu;
    bool operator==(const CgroupLayout&) const = default;
};

/// Reads /proc/self/cgroup; see cgroups(7). A controller that is not on v1 can only be on v2.
[[nodiscard]] CgroupLayout parse_cgroup_layout(std::string_view proc_self_cgroup);

/// The processor time of a process and of the children that it waited for, from its /proc/PID/stat: fields 14
/// to 17, see proc(5). 0 if the text is none.
[[nodiscard]] std::int64_t parse_cpu_ticks(std::string_view stat);

/// What a run may use.
struct CgroupLimits {
    std::int64_t memory = 0;  ///< bytes, swap included
    std::int64_t pids = 0;    ///< 0: not bounded
    std::int64_t cpu = 0;     ///< 1/1000 of a core; 0: not bounded
};

/// What became of a cgroup's memory.
struct MemoryUse {
    std::int64_t kills = 0;  ///< processes that were killed for want of it
    std::int64_t peak = 0;   ///< bytes; 0: not known, as on v2 before Linux 5.19
};

/// How long a cgroup may run in each period, as the kernel's bandwidth control takes it; microseconds. See
/// https://docs.kernel.org/scheduler/sched-bwc.html
struct CpuQuota {
    std::int64_t quota = 0;
    std::int64_t period = 0;
    bool operator==(const CpuQuota&) const = default;
};
/// The quota of `cpu` 1/1000 of a core.
[[nodiscard]] CpuQuota cpu_quota(std::int64_t cpu);

/// The cgroups of one data folder's runs, version 1, 2 or the hybrid, as this host has them: one folder
/// `flotilla-<hash of the data folder>` below the root of a hierarchy, one folder a run in it.
/// Hierarchies are reached by mounts of our own that no other process sees, so it does not matter whether and
/// where this host has mounted them. Safe to call from any thread.
class Cgroups {
public:
    /// Where this host offers no controller for memory or cpu it says so in the log, once, and runs are not
    /// limited.
    explicit Cgroups(const std::filesystem::path& data_dir);
    Cgroups(const Cgroups&) = delete;
    Cgroups& operator=(const Cgroups&) = delete;
    /// Leaves nothing behind when no run is alive.
    ~Cgroups();

    [[nodiscard]] bool limits_memory() const;
    [[nodiscard]] bool limits_cpu() const;

    /// Makes the cgroup and gives its files, opened for writing, by which a process of one thread joins: it
    /// writes `0` to each of them. Throws std::system_error.
    [[nodiscard]] std::vector<UniqueFd> make(const std::string& name, const CgroupLimits& limits);

    /// What its processes did with their memory; nothing if there is no such cgroup.
    [[nodiscard]] MemoryUse memory_use(const std::string& name) const;

    /// The processor time, in ticks of sysconf(_SC_CLK_TCK), of what lives in it and of what they waited for.
    [[nodiscard]] std::int64_t cpu_ticks(const std::string& name) const;

    /// Kills whatever is in it.
    void kill(const std::string& name) const;

    /// Kills whatever is in it and removes it. False if it is not empty within a second.
    bool remove(const std::string& name) const;

    /// Makes a cgroup and removes it; says why if that cannot be done.
    [[nodiscard]] std::optional<std::string> trouble() const;

    /// The names of all cgroups of this data folder.
    [[nodiscard]] std::vector<std::string> names() const;

private:
    struct Hierarchy {
        UniqueFd root;    ///< its root folder
        UniqueFd parent;  ///< the folder of this data folder's runs
        bool is_v2 = false;
        bool memory = false;
        bool pids = false;
        bool cpu = false;
    };

    void add_v1(const CgroupLayout& layout, const std::string& controllers);
    void add_v2(const CgroupLayout& layout);
    void limit(const Hierarchy& hierarchy, int folder, const CgroupLimits& limits) const;

    std::string parent_name_;
    std::vector<Hierarchy> hierarchies_;
};

}  // namespace flotilla
