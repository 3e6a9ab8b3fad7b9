#include "engine/local/gpus.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.hpp"
#include "base/subprocess.hpp"
#include "engine/engine.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view library_folder = "/usr/local/nvidia/lib64";

/// 3 for `nvidia3`; nothing for what is no GPU of its own.
std::optional<int> gpu_number(std::string_view name) {
    constexpr std::string_view prefix = "nvidia";
    int number = 0;
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    const char* const end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + prefix.size(), end, number);
    return error == std::errc{} && rest == end ? std::optional(number) : std::nullopt;
}

/// `libcuda.so.1` for `libcuda.so.535.104.05`; empty for a name without a version.
std::string name_of_first_version(const std::string& name) {
    constexpr std::string_view suffix = ".so.";
    const auto at = name.find(suffix);
    return at == std::string::npos ? "" : name.substr(0, at) + ".so.1";
}

launcher::HostMount device_mount(const fs::path& device) {
    return {.host = device.string(),
            .path = "/dev/" + device.filename().string(),
            .read_only = false,
            .is_device = true};
}

}  // namespace

HostGpus find_gpus(const fs::path& dev) {
    HostGpus gpus;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(dev, error)) {
        if (gpu_number(entry.path().filename().string())) {
            gpus.devices.push_back(entry.path());
        }
    }
    if (gpus.devices.empty()) {
        return gpus;
    }
    std::ranges::sort(gpus.devices, {},
                      [](const fs::path& path) { return gpu_number(path.filename().string()); });
    for (const char* const name : {"nvidiactl", "nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools"}) {
        if (fs::exists(dev / name, error)) {
            gpus.common.push_back(dev / name);
        }
    }
    try {
        const auto listed = run_subprocess({"nvidia-container-cli", "list"}, std::chrono::seconds{10});
        if (listed.exit_code == 0) {
            add_listed_files(listed.output, gpus);
            return gpus;
        }
        log_warning("nvidia-container-cli list: {}", listed.errors.substr(0, listed.errors.find('\n')));
    } catch (const std::system_error&) {
        log_warning(
            "this host has GPUs but no nvidia-container-cli: containers get the devices alone, and have to "
            "bring the driver's libraries in their images");
    }
    return gpus;
}

void add_listed_files(std::string_view list, HostGpus& gpus) {
    while (!list.empty()) {
        const auto line = list.substr(0, list.find('\n'));
        list.remove_prefix(std::min(line.size() + 1, list.size()));
        const fs::path path(line);
        if (!path.is_absolute() || line.starts_with("/dev/") || line.starts_with("/run/") ||
            line.starts_with("/var/run/")) {
            continue;  // devices were looked for, and services of the host are not for jobs
        }
        (line.find(".so.") != std::string_view::npos ? gpus.libraries : gpus.programs).push_back(path);
    }
}

std::vector<launcher::HostMount> gpu_mounts(const HostGpus& gpus, const std::vector<int>& indices) {
    std::vector<launcher::HostMount> mounts;
    if (indices.empty()) {
        return mounts;
    }
    for (const int index : indices) {
        mounts.push_back(device_mount(gpus.devices.at(static_cast<std::size_t>(index))));
    }
    std::ranges::transform(gpus.common, std::back_inserter(mounts), device_mount);
    for (const fs::path& library : gpus.libraries) {
        const std::string name = library.filename().string();
        mounts.push_back({library.string(), fmt::format("{}/{}", library_folder, name)});
        if (const auto first = name_of_first_version(name); !first.empty() && first != name) {
            mounts.push_back({library.string(), fmt::format("{}/{}", library_folder, first)});
        }
    }
    for (const fs::path& program : gpus.programs) {
        mounts.push_back({program.string(), program.string()});
    }
    return mounts;
}

Env gpu_env(const std::vector<int>& indices, const Env& env) {
    if (indices.empty()) {
        return {};
    }
    constexpr const char* path_variable = "LD_LIBRARY_PATH";
    const std::string* const path = find_env(env, path_variable);
    const std::string folder(library_folder);
    return {{"NVIDIA_VISIBLE_DEVICES", fmt::format("{}", fmt::join(indices, ","))},
            {path_variable, path == nullptr || path->empty() ? folder : folder + ":" + *path}};
}

}  // namespace flotilla
