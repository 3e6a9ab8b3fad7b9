#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace flotilla {

/// What was submitted, as an engine keeps it on disk.
struct SubmittedTask {
    Task task;
    std::string cluster;
    std::string boot_id;      ///< of the host's boot in which it was submitted
    std::vector<int> gpus{};  ///< which GPUs it was granted, by their index on the host
};

/// Names this boot of the host; see random(4).
[[nodiscard]] std::string current_boot_id();

[[nodiscard]] std::string to_json(const SubmittedTask& submitted);
/// Nothing if the text was not written by `to_json` in full.
[[nodiscard]] std::optional<SubmittedTask> parse_submitted_task(const std::string& json);

}  // namespace flotilla
