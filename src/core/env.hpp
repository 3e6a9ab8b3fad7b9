#pragma once

#include <string>
#include <vector>

namespace flotilla {

/// One environment variable.
struct EnvVar {
    std::string name;
    std::string value;
    bool operator==(const EnvVar&) const = default;
};

/// Environment variables in the order given; a name may stand more than once.
using Env = std::vector<EnvVar>;

/// What a process gets from several lists: the later list wins, within a list the last of a repeated name.
/// Every name stands once, where it first stood.
[[nodiscard]] Env merged_env(const std::vector<const Env*>& lists);

/// The value that wins for `name`, or nullptr.
[[nodiscard]] const std::string* find_env(const Env& env, const std::string& name);

}  // namespace flotilla
