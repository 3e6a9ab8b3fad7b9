#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/definition.hpp"
#include "core/env.hpp"

namespace flotilla {

/// Bodies of requests, read strictly: one JSON value (RFC 8259) of at most 64 levels and nothing after it,
/// valid UTF-8 without NUL, whole numbers only. A null field counts as absent, a null list element is
/// refused. Of a repeated key the last counts; unknown keys are ignored, but one that differs from a known
/// key only in case is refused. Every function throws `invalid` that names what is wrong: all fields with a
/// wrong type at once, one a line.

/// The fields of a new definition. A body `null` counts as an empty object.
[[nodiscard]] DefinitionFields new_definition_from_json(std::string_view body);

/// The fields that an update changes.
[[nodiscard]] DefinitionFields definition_update_from_json(std::string_view body);

/// Who runs something, as an execute call says it. Absent and empty are the same.
struct RunTags {
    std::string owner_id;
    std::string owner_email;
    std::string team_name;
};

/// An execute call.
struct ExecuteBody {
    std::optional<std::string> cluster;  ///< absent: the default one
    Env env;
    RunTags run_tags;
    Overrides overrides;
    std::string idempotence_key;
};
[[nodiscard]] ExecuteBody execute_body_from_json(std::string_view body);

/// What a job reports of itself.
struct StatusBody {
    std::string status;  ///< empty if it was not given
    std::optional<int> exit_code;
};
/// A body `null` counts as an empty object.
[[nodiscard]] StatusBody status_body_from_json(std::string_view body);

/// The token that somebody signs in with; throws `invalid` if there is none.
[[nodiscard]] std::string session_body_from_json(std::string_view body);

}  // namespace flotilla
