#include "app/host_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "config/load.hpp"

namespace flotilla {

Config load_host_config(const std::filesystem::path& folder) {
    auto loaded = load_config(folder, process_environment(), {.file_required = false, .host = {}});
    if (!loaded.errors.empty()) {
        throw invalid("{}", fmt::join(loaded.errors, "\n"));
    }
    return std::move(loaded.config);
}

}  // namespace flotilla
