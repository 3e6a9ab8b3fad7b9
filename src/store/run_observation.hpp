#pragma once

#include "core/run.hpp"
#include "store/run_metrics.hpp"
#include "store/run_rows.hpp"

namespace flotilla {

/// What is told of runs once it is stored: a line of the server's log and, where there are `metrics`, what
/// they count. Values of variables never stand in the log.

/// A run was accepted: a line `run_submitted`.
void observe_submission(const Run& run, RunMetrics* metrics);

/// A run was changed: a line `run_status` from what to what its status went, with the outcome where there is
/// one; none if the status is as before.
void observe_change(const AdvancedRun& advanced, RunMetrics* metrics);

}  // namespace flotilla
