#include <cerrno>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/job_script.hpp"
#include "engine/local/launcher/job.hpp"
#include "engine/local/launcher/user_namespace.hpp"

namespace flotilla::launcher {

namespace {

/// A larger passwd or group file is not read in full; real ones have a few kilobytes.
constexpr std::size_t most_of_a_file = std::size_t{4} << 20;

/// A file of the image; empty if it has none. Never waits, whatever the image has there.
std::string read_image_file(const char* path) {
    std::string content;
    const int file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found = {};
    if (file < 0) {
        return content;
    }
    if (::fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
        char buffer[16384];
        ssize_t count = 0;
        while (content.size() < most_of_a_file && (count = ::read(file, buffer, sizeof buffer)) > 0) {
            content.append(buffer, static_cast<std::size_t>(count));
        }
    }
    ::close(file);
    return content;
}

UserIdentity identify_user(const LaunchSpec& spec, const Answer& answer) {
    auto found = find_user(spec.user, read_image_file("/etc/passwd"), read_image_file("/etc/group"));
    if (const auto* const mistake = std::get_if<std::string>(&found)) {
        answer.give_up(Cause::job, *mistake);
    }
    auto identity = std::get<UserIdentity>(std::move(found));
    if (identity.uid >= job_ids || identity.gid >= job_ids) {
        answer.give_up(Cause::job, "the user \"" + spec.user + "\" has an id beyond " +
                                       std::to_string(job_ids - 1) + ", the last that a container has");
    }
    std::erase_if(identity.groups, [](gid_t group) { return group >= job_ids; });
    return identity;
}

bool is_host_error(int error) {
    return error == ENOSPC || error == EDQUOT || error == EIO || error == ENOMEM || error == EMFILE ||
           error == ENFILE || error == EAGAIN;
}

void make_working_dir(const std::string& path, const Answer& answer) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        // A link to a folder is as good as a folder, so what counts is whether it can be entered at the end.
        const bool is_made = ::mkdir(part.c_str(), 0755) == 0;
        if (is_made ? ::chown(part.c_str(), host_id(0), host_id(0)) != 0 : is_host_error(errno)) {
            answer.give_up(Cause::host, with_error("cannot make the working folder " + path, errno));
        }
        if (end == std::string::npos) {
            break;
        }
    }
    if (::chdir(path.c_str()) != 0) {
        answer.give_up(Cause::job, with_error("the working folder " + path + " cannot be entered", errno));
    }
}

struct Shell {
    const char* path;
    bool is_bash;
};

std::optional<Shell> find_shell() {
    constexpr Shell shells[] = {{"/bin/bash", true},
                                {"/usr/bin/bash", true},
                                {"/usr/local/bin/bash", true},
                                {"/bin/sh", false},
                                {"/usr/bin/sh", false}};
    for (const Shell& shell : shells) {
        struct stat found = {};
        if (::stat(shell.path, &found) == 0 && S_ISREG(found.st_mode) && (found.st_mode & 0111) != 0) {
            return shell;
        }
    }
    return std::nullopt;
}

/// Passes a script that is too long for an argument by way of a file that the shell reads.
void pass_by_file(const std::string& script, JobPlan& plan, const Answer& answer) {
    plan.script = ::memfd_create("command", MFD_CLOEXEC);
    answer.require(plan.script >= 0, "make a file for the command");
    std::string_view rest = script;
    while (!rest.empty()) {
        const auto written = ::write(plan.script, rest.data(), rest.size());
        answer.require(written >= 0, "write the command");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    plan.arguments.push_back("/proc/self/fd/" + std::to_string(plan.script));
}

bool has_variable(const std::vector<std::string>& env, std::string_view name) {
    for (const std::string& variable : env) {
        if (variable.size() > name.size() && variable.starts_with(name) && variable[name.size()] == '=') {
            return true;
        }
    }
    return false;
}

}  // namespace

JobPlan plan_job(const LaunchSpec& spec, const Answer& answer) {
    JobPlan plan;
    plan.user = identify_user(spec, answer);
    plan.working_dir = spec.working_dir.empty() ? "/" : spec.working_dir;
    make_working_dir(plan.working_dir, answer);

    const auto shell = find_shell();
    if (!shell) {
        answer.give_up(Cause::job, "image " + spec.image + " has neither bash nor sh");
    }
    plan.shell = shell->path;
    plan.arguments =
        shell->is_bash ? std::vector<std::string>{"/bin/bash", "-l"} : std::vector<std::string>{"/bin/sh"};
    const std::string script = wrapped_script(spec, shell->is_bash);
    if (script.size() < longest_argument) {
        plan.arguments.insert(plan.arguments.end(), {"-c", script});
    } else {
        pass_by_file(script, plan, answer);
    }
    plan.env = spec.env;
    if (!has_variable(plan.env, "HOME")) {
        plan.env.push_back("HOME=" + plan.user.home);
    }
    return plan;
}

}  // namespace flotilla::launcher
