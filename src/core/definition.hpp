#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/env.hpp"
#include "core/id.hpp"

namespace flotilla {

/// What a job is: defined once, run many times.
struct Definition {
    DefinitionId id;         ///< `<group_name>-<uuid>`
    std::string arn;         ///< the engine's own object for it; empty where the engine has none
    std::string alias;       ///< unique
    std::string group_name;  ///< never changes after creation
    std::string image;
    std::int64_t memory = 0;  ///< MiB
    std::string command;
    Env env;
    std::vector<int> ports;
    std::vector<std::string> tags;
    std::string user;  ///< the user that the container runs as; empty: the image's
};

/// The settable fields of a definition as a request gives them: absent ones are not touched.
struct DefinitionFields {
    std::optional<std::string> alias;
    std::optional<std::string> group_name;
    std::optional<std::string> image;
    std::optional<std::int64_t> memory;
    std::optional<std::string> command;
    std::optional<Env> env;
    std::optional<std::vector<int>> ports;
    std::optional<std::vector<std::string>> tags;
    std::optional<std::string> user;
};

/// Checks the fields of a new definition; throws `invalid` with every mistake, one a line.
void check_new(const DefinitionFields& fields);

/// Checks the fields that an update gives; throws `invalid` with every mistake, one a line.
void check_update(const DefinitionFields& fields);

/// Changes what `fields` gives: strings that are not empty, everything else that is present. A list replaces
/// the list; of repeated tags the first stays. The group name stays once it is set.
void assign(const DefinitionFields& fields, Definition& definition);

/// The mistakes of a list of environment variables (an empty name, `=` or NUL in a name), as one line each.
[[nodiscard]] std::vector<std::string> env_mistakes(const Env& env);

}  // namespace flotilla
