#pragma once

#include "core/run.hpp"

namespace flotilla {

/// Lines of the server's log about runs, once what they tell is stored. Values of variables never stand
/// there.

/// `run_submitted`: a run was accepted.
void log_submission(const Run& run);

/// `run_status`: from what to what its status went, with the outcome where there is one; nothing if the
/// status is as before.
void log_change(const RunState& before, const Run& run);

}  // namespace flotilla
