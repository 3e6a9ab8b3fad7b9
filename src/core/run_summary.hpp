#pragma once

#include <optional>

#include "base/clock.hpp"
#include "core/id.hpp"
#include "core/run_status.hpp"

namespace flotilla {

/// How a run went, in short.
struct RunSummary {
    RunId id;
    DefinitionId definition;
    RunStatus status = RunStatus::queued;
    std::optional<int> exit_code;  ///< this and the next are those that a run shows once it is `STOPPED`
    std::optional<TimePoint> finished_at;
    std::optional<ExitClass> exit_class;
    TimePoint queued_at;
    std::optional<TimePoint> started_at;  ///< of the current attempt
    bool operator==(const RunSummary&) const = default;
};

}  // namespace flotilla
