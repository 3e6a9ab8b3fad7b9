#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/definition.hpp"
#include "engine/local/launcher/protocol.hpp"

namespace flotilla {

/// What a container needs of this host for NVIDIA's GPUs.
struct HostGpus {
    std::vector<std::filesystem::path> devices;  ///< one a GPU: `/dev/nvidia0`, ... by number
    std::vector<std::filesystem::path> common;  ///< the devices that all of them need, such as /dev/nvidiactl
    std::vector<std::filesystem::path> libraries;  ///< of the driver
    std::vector<std::filesystem::path> programs;   ///< such as nvidia-smi
    bool operator==(const HostGpus&) const = default;
};

/// The GPUs of this host: the devices in `dev`, /dev as a rule, and, where nvidia-container-cli is installed,
/// what it lists.
[[nodiscard]] HostGpus find_gpus(const std::filesystem::path& dev = "/dev");

/// Adds what `nvidia-container-cli list` printed: a path a line.
void add_listed_files(std::string_view list, HostGpus& gpus);

/// The files that a container gets with the GPUs of these indices; none for none. Libraries go to
/// /usr/local/nvidia/lib64, where the images of CUDA look for them, each by its file's name and by that of
/// its first version (`libcuda.so.1`), by which programs ask for it.
[[nodiscard]] std::vector<launcher::HostMount> gpu_mounts(const HostGpus& gpus,
                                                          const std::vector<int>& indices);

/// The variables that go with them, the image's and the run's own, `env`, in mind.
[[nodiscard]] Env gpu_env(const std::vector<int>& indices, const Env& env);

}  // namespace flotilla
