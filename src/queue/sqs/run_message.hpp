#pragma once

#include <optional>
#include <string>

#include "core/id.hpp"

namespace flotilla {

/// What a message says of a run: its id, in the form that the original Flotilla reads and writes, `{"run_id":
/// ID}` with or without more. All else stands in the store.
[[nodiscard]] std::string run_message(const RunId& run);
/// Nothing if the body is no such message.
[[nodiscard]] std::optional<RunId> run_in_message(const std::string& body);

}  // namespace flotilla
