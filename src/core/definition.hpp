#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/env.hpp"
#include "core/id.hpp"
#include "core/labels.hpp"
#include "core/run_limits.hpp"

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
    std::string user;                    ///< the user that the container runs as; empty: the image's
    std::optional<std::int64_t> cpu{};   ///< 1/1000 of a core; none: not bounded
    std::optional<std::int64_t> gpu{};   ///< how many GPUs; none: none
    std::vector<std::string> secrets{};  ///< names of secrets of the server's configuration
    std::string description{};
    Labels labels{};
    RunLimits limits{};
    std::optional<TimePoint> created_at{};  ///< none: before this was kept
    std::string created_by{};               ///< empty: nobody known
    std::optional<TimePoint> updated_at{};
    std::string updated_by{};
    std::string arn_digest{};  ///< of what that object was made of; empty: not known
};

/// An engine's own object for a definition.
struct EngineObject {
    std::string arn;
    std::string digest;  ///< of what it was made of
};

/// Whether a definition as it stands is the one that somebody means.
using DefinitionCheck = std::function<bool(const Definition&)>;

/// Who changes something, and when.
struct Edit {
    TimePoint at;
    std::string by;           ///< empty: nobody known
    DefinitionCheck meant{};  ///< none: it is meant as it stands
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
    std::optional<std::int64_t> cpu{};  ///< 0: not bounded
    std::optional<std::int64_t> gpu{};
    std::optional<std::vector<std::string>> secrets{};
    std::optional<std::string> description{};
    std::optional<Labels> labels{};
    RunLimits limits{};  ///< a time of 0: for ever; a policy of one attempt: none
};

/// Checks the fields of a new definition; throws `invalid` with every mistake, one a line.
void check_new(const DefinitionFields& fields);

/// Checks the fields that an update gives; throws `invalid` with every mistake, one a line.
void check_update(const DefinitionFields& fields);

/// What one run may have otherwise than its definition. Absent and empty texts leave it as it is.
struct Overrides {
    std::optional<std::int64_t> memory{};  ///< MiB
    std::optional<std::string> command{};
    std::optional<std::int64_t> cpu{};  ///< 1/1000 of a core; 0: not bounded
    std::optional<std::int64_t> gpu{};
    std::optional<std::vector<std::string>> secrets{};
    std::optional<std::string> description{};
    Labels labels{};     ///< besides the definition's, in whose place they stand where the names are equal
    RunLimits limits{};  ///< a time of 0: for ever; a policy of one attempt: none
};

/// Checks what a call wants otherwise; throws `invalid` with every mistake, one a line.
void check_overrides(const Overrides& overrides);

/// The definition as one run has it.
[[nodiscard]] Definition with_overrides(const Definition& definition, const Overrides& overrides);

/// Changes what `fields` gives: strings that are not empty, everything else that is present. The user and the
/// description, which a definition can do without, go with an empty one. A list replaces the list; of
/// repeated tags and secrets the first stays. The group name stays once it is set.
void assign(const DefinitionFields& fields, Definition& definition);

/// The mistakes of a list of environment variables (an empty name, `=` in a name), as one line each.
[[nodiscard]] std::vector<std::string> env_mistakes(const Env& env);

}  // namespace flotilla
