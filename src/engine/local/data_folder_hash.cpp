#include "engine/local/data_folder_hash.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace flotilla {

/// FNV-1a of its path.
std::string data_folder_hash(const std::filesystem::path& data_dir) {
    std::uint32_t hash = 2166136261U;
    for (const char character : std::filesystem::weakly_canonical(data_dir).string()) {
        hash = (hash ^ static_cast<unsigned char>(character)) * 16777619U;
    }
    return fmt::format("{:08x}", hash);
}

}  // namespace flotilla
