#pragma once

#include <filesystem>

#include "config/config.hpp"

namespace flotilla {

/// The database file of a configuration with its schema up to date. A new file can be read by its owner
/// alone. Throws `invalid` with what to do if the schema cannot be used.
[[nodiscard]] std::filesystem::path prepared_database(const Config& config);

}  // namespace flotilla
