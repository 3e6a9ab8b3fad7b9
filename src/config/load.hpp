#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/host_facts.hpp"

namespace flotilla {

struct LoadOptions {
    /// Unknown keys are warnings, not errors: for going back to an older version.
    bool ignore_unknown = false;
    /// Without a file the defaults and the environment count; else its absence is an error.
    bool file_required = true;
    /// What the defaults depend on; none: this machine is looked at.
    std::optional<HostFacts> host;
};

/// A configuration and what there is to say about it, one line each: the key, what is wrong, and where it
/// stands.
struct LoadedConfig {
    Config config;                       ///< only of use when `errors` is empty
    std::vector<std::string> errors;     ///< every mistake
    std::vector<std::string> not_built;  ///< what asks for a part that this version does not have
    std::vector<std::string> warnings;
};

/// Reads `config.yml` in a folder, or a file, then what `environment` overrides (upper case, `_` for `.`;
/// empty counts as unset; variables that match no key are none of our business). Never throws for bad input.
[[nodiscard]] LoadedConfig load_config(const std::filesystem::path& folder_or_file,
                                       const Environment& environment, const LoadOptions& options = {});

/// The same for the text of a file, which messages call `name`.
[[nodiscard]] LoadedConfig load_config_text(const std::string& name, const std::string& text,
                                            const Environment& environment, const LoadOptions& options = {});

}  // namespace flotilla
