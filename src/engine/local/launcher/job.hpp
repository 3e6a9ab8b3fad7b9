#pragma once

#include <string>
#include <vector>

#include "engine/local/launcher/answer.hpp"
#include "engine/local/launcher/protocol.hpp"
#include "engine/local/launcher/users.hpp"

namespace flotilla::launcher {

/// The job's process, decided before it is forked so that what is wrong with the image is known before.
struct JobPlan {
    UserIdentity user;
    std::string working_dir;
    std::string shell;                   ///< a path in the image
    std::vector<std::string> arguments;  ///< the shell's name first
    std::vector<std::string> env;        ///< `NAME=value`
    int script = -1;  ///< descriptor that the shell reads the script from, if it is no argument
};

/// Plans the job inside its root: who it runs as, where, by which shell. Makes the working folder if it is
/// missing. Gives up with a sentence where the image or the definition is to blame.
[[nodiscard]] JobPlan plan_job(const LaunchSpec& spec, const Answer& answer);

/// The text that the shell runs, `job_script`. A login shell's profile sets PATH, so a PATH that was given is
/// put in front again, on the first line, before anything is traced.
[[nodiscard]] std::string wrapped_script(const LaunchSpec& spec, bool login);

/// What a job's process writes to its parent if it could not become the job's program.
struct JobFailure {
    char step[64] = {};
    int error = 0;
    bool executing = false;  ///< it was the program itself that could not be executed
};

/// The descriptors that a job's process needs until it is the job.
struct JobFiles {
    int output = -1;  ///< its standard output and error
    int failures = -1;
    int user_namespace = -1;
};

/// Becomes the job: its own session, the user namespace of jobs, the user's ids there, Docker's capabilities
/// less MKNOD and Docker's filter of system calls, then the program. Never returns; on failure writes a
/// JobFailure to `failures`.
[[noreturn]] void become_job(const JobPlan& plan, const JobFiles& files);

}  // namespace flotilla::launcher
