#pragma once

#include "engine/local/launcher/answer.hpp"
#include "engine/local/launcher/job.hpp"
#include "engine/local/launcher/log_relay.hpp"
#include "engine/local/launcher/records.hpp"

namespace flotilla::launcher {

/// What init needs when its root is made: all of it stays open until it ends.
struct InitFiles {
    int folder = -1;  ///< of the run: records go there, and what a log that is too long ends with
    int log = -1;
    int user_namespace = -1;  ///< of the job
};

/// Process 1 of a container: starts the job, carries its output to the log, reaps orphans, passes a stop on,
/// and leaves the exit record when nothing else is alive and the log is complete. Never returns.
[[noreturn]] void run_init(const JobPlan& plan, const InitFiles& files, LogRules rules,
                           const StartedRecord& identity, const Answer& answer);

}  // namespace flotilla::launcher
