#pragma once

#include <map>
#include <set>
#include <string>

#include "config/load.hpp"

namespace flotilla::settings {

/// Which keys were said, by file or environment.
struct SaidKeys {
    std::map<std::string, std::string> where;  ///< key to the place that counts, such as `conf/config.yml:12`
    std::set<std::string> mistaken;            ///< keys with a mistake: what depends on them is not judged

    /// Said, and without a mistake.
    [[nodiscard]] bool has(const std::string& key) const {
        return where.contains(key) && !mistaken.contains(key);
    }
};

/// Checks what keys say of one another, records what asks for parts that are not built yet, and replaces what
/// stands for something else (`auto`, `~`, what was not said) by the value that counts on `host`.
void settle(LoadedConfig& loaded, const SaidKeys& said, const HostFacts& host, bool ignore_unknown);

}  // namespace flotilla::settings
