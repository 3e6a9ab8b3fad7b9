#include "engine/local/cgroups.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.hpp"
#include "engine/local/data_folder_hash.hpp"

namespace flotilla {

namespace {

bool lists(std::string_view list, std::string_view word, char separator) {
    while (!list.empty()) {
        const auto item = list.substr(0, list.find(separator));
        if (item == word) {
            return true;
        }
        list.remove_prefix(std::min(item.size() + 1, list.size()));
    }
    return false;
}

/// Mounts a hierarchy where nobody else sees it, and opens its root.
UniqueFd open_hierarchy(const char* type, std::string_view controllers) {
    const UniqueFd context(::fsopen(type, FSOPEN_CLOEXEC));
    if (!context) {
        throw_errno(fmt::format("cannot open the file system {}", type));
    }
    while (!controllers.empty()) {
        const auto controller = controllers.substr(0, controllers.find(','));
        controllers.remove_prefix(std::min(controller.size() + 1, controllers.size()));
        if (::fsconfig(context.get(), FSCONFIG_SET_FLAG, std::string(controller).c_str(), nullptr, 0) != 0) {
            throw_errno(fmt::format("cannot choose the cgroup controller {}", controller));
        }
    }
    if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
        throw_errno(fmt::format("cannot open the {} hierarchy", type));
    }
    const UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
    UniqueFd root(mount ? ::openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1);
    if (!root) {
        throw_errno(fmt::format("cannot mount the {} hierarchy", type));
    }
    return root;
}

UniqueFd open_folder(int at, const std::string& name) {
    return UniqueFd(::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

UniqueFd make_folder(int at, const std::string& name) {
    if (::mkdirat(at, name.c_str(), 0755) != 0 && errno != EEXIST) {
        throw_errno(fmt::format("cannot make the cgroup {}", name));
    }
    UniqueFd folder = open_folder(at, name);
    if (!folder) {
        throw_errno(fmt::format("cannot open the cgroup {}", name));
    }
    return folder;
}

std::string read_at(int folder, const char* name) {
    const UniqueFd file(::openat(folder, name, O_RDONLY | O_CLOEXEC));
    std::string content;
    char buffer[4096];
    ssize_t count = 0;
    while (file && (count = ::read(file.get(), buffer, sizeof buffer)) > 0) {
        content.append(buffer, static_cast<std::size_t>(count));
    }
    return content;
}

bool write_at(int folder, const char* name, const std::string& value) {
    const UniqueFd file(::openat(folder, name, O_WRONLY | O_CLOEXEC));
    return file && ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

void require_write_at(int folder, const char* name, const std::string& value) {
    if (!write_at(folder, name, value)) {
        throw_errno(fmt::format("cannot write {} to {}", value, name));
    }
}

/// The number that a text begins with; 0 if with none.
std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// The number after `key ` in a file of lines.
std::int64_t keyed_number(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
            return number(line.substr(key.size() + 1));
        }
    }
    return 0;
}

void kill_all_in(int folder, bool is_v2) {
    // cgroup.kill is there since Linux 5.14, on v2 only.
    if (is_v2 && write_at(folder, "cgroup.kill", "1")) {
        return;
    }
    const std::string pids = read_at(folder, "cgroup.procs");
    const char* at = pids.data();
    const char* const end = at + pids.size();
    while (at < end) {
        pid_t pid = 0;
        at = std::from_chars(at, end, pid).ptr + 1;
        if (pid > 1) {
            ::kill(pid, SIGKILL);
        }
    }
}

}  // namespace

CgroupLayout parse_cgroup_layout(std::string_view text) {
    CgroupLayout layout;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos) {
            continue;
        }
        const auto controllers = line.substr(first + 1, second - first - 1);
        if (lists(controllers, "memory", ',')) {
            layout.v1_memory = controllers;
        }
        if (lists(controllers, "pids", ',')) {
            layout.v1_pids = controllers;
        }
        if (lists(controllers, "cpu", ',')) {
            layout.v1_cpu = controllers;
        }
    }
    return layout;
}

std::int64_t parse_cpu_ticks(std::string_view stat) {
    // The second field, the name, may hold anything but ends at the last parenthesis.
    const auto name_end = stat.rfind(')');
    stat.remove_prefix(name_end == std::string_view::npos ? stat.size() : name_end);
    constexpr int first = 14;
    constexpr int last = 17;
    std::int64_t ticks = 0;
    for (int field = 2; field <= last && !stat.empty(); ++field) {
        const auto end = std::min(stat.find(' '), stat.size());
        ticks += field >= first ? number(stat.substr(0, end)) : 0;
        stat.remove_prefix(std::min(end + 1, stat.size()));
    }
    return ticks;
}

CpuQuota cpu_quota(std::int64_t cpu) {
    constexpr std::int64_t usual_period = 100'000;
    constexpr std::int64_t longest_period = 1'000'000;
    constexpr std::int64_t least_quota = 1'000;  // the kernel takes none that is smaller
    const std::int64_t period = cpu * usual_period / 1000 < least_quota ? longest_period : usual_period;
    return {.quota = cpu * period / 1000, .period = period};
}

Cgroups::Cgroups(const std::filesystem::path& data_dir) {
    parent_name_ = "flotilla-" + data_folder_hash(data_dir);
    const CgroupLayout layout = parse_cgroup_layout(read_file("/proc/self/cgroup").value_or(""));
    try {
        for (const auto& controllers : std::set{layout.v1_memory, layout.v1_pids, layout.v1_cpu}) {
            if (!controllers.empty()) {
                add_v1(layout, controllers);
            }
        }
        if (layout.v1_memory.empty() || layout.v1_pids.empty() || layout.v1_cpu.empty()) {
            add_v2(layout);
        }
    } catch (const std::system_error& error) {
        log_warning("cgroups: {}", error.what());
    }
    if (!limits_memory()) {
        log_warning("this host offers no cgroup memory controller: the memory of runs is NOT limited");
    }
    if (!limits_cpu()) {
        log_warning("this host offers no cgroup cpu controller: the cpu of runs is NOT limited");
    }
}

Cgroups::~Cgroups() {
    for (const Hierarchy& hierarchy : hierarchies_) {
        ::unlinkat(hierarchy.root.get(), parent_name_.c_str(), AT_REMOVEDIR);
    }
}

void Cgroups::add_v1(const CgroupLayout& layout, const std::string& controllers) {
    Hierarchy hierarchy;
    hierarchy.root = open_hierarchy("cgroup", controllers);
    hierarchy.parent = make_folder(hierarchy.root.get(), parent_name_);
    hierarchy.memory = layout.v1_memory == controllers;
    hierarchy.pids = layout.v1_pids == controllers;
    hierarchy.cpu = layout.v1_cpu == controllers;
    hierarchies_.push_back(std::move(hierarchy));
}

void Cgroups::add_v2(const CgroupLayout& layout) {
    Hierarchy hierarchy;
    hierarchy.root = open_hierarchy("cgroup2", "");
    hierarchy.is_v2 = true;
    const std::string offered = read_at(hierarchy.root.get(), "cgroup.controllers");
    const std::string_view trimmed = std::string_view(offered).substr(0, offered.find('\n'));
    hierarchy.memory = layout.v1_memory.empty() && lists(trimmed, "memory", ' ');
    hierarchy.pids = layout.v1_pids.empty() && lists(trimmed, "pids", ' ');
    // One by one: the kernel refuses cpu alone while a real-time process is in a cgroup of its own.
    hierarchy.cpu = layout.v1_cpu.empty() && lists(trimmed, "cpu", ' ') &&
                    write_at(hierarchy.root.get(), "cgroup.subtree_control", "+cpu");
    if (!hierarchy.memory && !hierarchy.pids && !hierarchy.cpu) {
        return;
    }
    hierarchy.parent = make_folder(hierarchy.root.get(), parent_name_);
    for (const auto& [wanted, name] :
         {std::pair(hierarchy.memory, "+memory"), std::pair(hierarchy.pids, "+pids"),
          std::pair(hierarchy.cpu, "+cpu")}) {
        if (wanted) {
            require_write_at(hierarchy.root.get(), "cgroup.subtree_control", name);
            require_write_at(hierarchy.parent.get(), "cgroup.subtree_control", name);
        }
    }
    hierarchies_.push_back(std::move(hierarchy));
}

bool Cgroups::limits_memory() const {
    return std::any_of(hierarchies_.begin(), hierarchies_.end(),
                       [](const Hierarchy& hierarchy) { return hierarchy.memory; });
}

bool Cgroups::limits_cpu() const {
    return std::any_of(hierarchies_.begin(), hierarchies_.end(),
                       [](const Hierarchy& hierarchy) { return hierarchy.cpu; });
}

void Cgroups::limit(const Hierarchy& hierarchy, int folder, const CgroupLimits& limits) const {
    const std::string bytes = std::to_string(limits.memory);
    if (hierarchy.memory && hierarchy.is_v2) {
        require_write_at(folder, "memory.max", bytes);
        // The file is missing where the kernel does not account for swap.
        write_at(folder, "memory.swap.max", "0");
    } else if (hierarchy.memory) {
        require_write_at(folder, "memory.limit_in_bytes", bytes);
        if (!write_at(folder, "memory.memsw.limit_in_bytes", bytes)) {
            write_at(folder, "memory.swappiness", "0");
        }
    }
    if (hierarchy.pids && limits.pids > 0) {
        require_write_at(folder, "pids.max", std::to_string(limits.pids));
    }
    if (hierarchy.cpu && limits.cpu > 0) {
        const CpuQuota cpu = cpu_quota(limits.cpu);
        if (hierarchy.is_v2) {
            require_write_at(folder, "cpu.max", fmt::format("{} {}", cpu.quota, cpu.period));
        } else {
            require_write_at(folder, "cpu.cfs_period_us", std::to_string(cpu.period));
            require_write_at(folder, "cpu.cfs_quota_us", std::to_string(cpu.quota));
        }
    }
}

std::vector<UniqueFd> Cgroups::make(const std::string& name, const CgroupLimits& limits) {
    std::vector<UniqueFd> joins;
    for (const Hierarchy& hierarchy : hierarchies_) {
        if (hierarchy.cpu && !hierarchy.memory && !hierarchy.pids && limits.cpu == 0) {
            continue;  // each cgroup more costs a run 60 microseconds
        }
        const UniqueFd folder = make_folder(hierarchy.parent.get(), name);
        limit(hierarchy, folder.get(), limits);
        // Who moves itself alone, as one thread, does not wait until no process of this host is being forked.
        const char* const members = hierarchy.is_v2 ? "cgroup.procs" : "tasks";
        joins.emplace_back(::openat(folder.get(), members, O_WRONLY | O_CLOEXEC));
        if (!joins.back()) {
            throw_errno(fmt::format("cannot open the cgroup {}", name));
        }
    }
    return joins;
}

MemoryUse Cgroups::memory_use(const std::string& name) const {
    for (const Hierarchy& hierarchy : hierarchies_) {
        if (!hierarchy.memory) {
            continue;
        }
        const UniqueFd folder = open_folder(hierarchy.parent.get(), name);
        if (folder) {
            const char* const events = hierarchy.is_v2 ? "memory.events" : "memory.oom_control";
            const char* const peak = hierarchy.is_v2 ? "memory.peak" : "memory.max_usage_in_bytes";
            return {.kills = keyed_number(read_at(folder.get(), events), "oom_kill"),
                    .peak = number(read_at(folder.get(), peak))};
        }
    }
    return {};
}

std::int64_t Cgroups::cpu_ticks(const std::string& name) const {
    std::int64_t ticks = 0;
    if (hierarchies_.empty()) {
        return ticks;
    }
    const UniqueFd folder = open_folder(hierarchies_.front().parent.get(), name);
    const std::string pids = folder ? read_at(folder.get(), "cgroup.procs") : "";
    const char* at = pids.data();
    const char* const end = at + pids.size();
    while (at < end) {
        pid_t pid = 0;
        at = std::from_chars(at, end, pid).ptr + 1;
        ticks += parse_cpu_ticks(read_file(fmt::format("/proc/{}/stat", pid)).value_or(""));
    }
    return ticks;
}

void Cgroups::kill(const std::string& name) const {
    for (const Hierarchy& hierarchy : hierarchies_) {
        const UniqueFd folder = open_folder(hierarchy.parent.get(), name);
        if (folder) {
            kill_all_in(folder.get(), hierarchy.is_v2);
        }
    }
}

bool Cgroups::remove(const std::string& name) const {
    constexpr std::chrono::milliseconds pause{1};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    for (;;) {
        bool gone = true;
        for (const Hierarchy& hierarchy : hierarchies_) {
            gone = (::unlinkat(hierarchy.parent.get(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) &&
                   gone;
        }
        if (gone || std::chrono::steady_clock::now() > deadline) {
            return gone;
        }
        kill(name);
        std::this_thread::sleep_for(pause);
    }
}

std::optional<std::string> Cgroups::trouble() const {
    constexpr const char* trial = ".trial";  // hidden, so that it is never taken for a run's
    for (const Hierarchy& hierarchy : hierarchies_) {
        const int parent = hierarchy.parent.get();
        const bool is_made = ::mkdirat(parent, trial, 0755) == 0 || errno == EEXIST;
        if (!is_made || (::unlinkat(parent, trial, AT_REMOVEDIR) != 0 && errno != ENOENT)) {
            return fmt::format("no cgroup can be made: {}", std::generic_category().message(errno));
        }
    }
    return std::nullopt;
}

std::vector<std::string> Cgroups::names() const {
    std::set<std::string> found;
    for (const Hierarchy& hierarchy : hierarchies_) {
        UniqueFd folder = open_folder(hierarchy.parent.get(), ".");
        const std::unique_ptr<DIR, int (*)(DIR*)> listing(folder ? ::fdopendir(::dup(folder.get())) : nullptr,
                                                          ::closedir);
        while (const dirent* const entry = listing ? ::readdir(listing.get()) : nullptr) {
            if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
                found.insert(entry->d_name);
            }
        }
    }
    return {found.begin(), found.end()};
}

}  // namespace flotilla
