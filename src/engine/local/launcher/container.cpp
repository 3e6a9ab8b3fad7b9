#include "engine/local/launcher/container.hpp"

#include <charconv>

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/local/launcher/init.hpp"
#include "engine/local/launcher/root.hpp"

namespace flotilla::launcher {

namespace {

LaunchSpec read_spec(int file, const Answer& answer) {
    struct stat found = {};
    answer.require(::fstat(file, &found) == 0, "read the launch request");
    std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto count = ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        answer.require(count > 0, "read the launch request");
        done += static_cast<std::size_t>(count);
    }
    LaunchSpec spec;
    if (!decode(bytes, spec) || spec.layers.empty()) {
        answer.give_up(Cause::host, "the launch request is malformed");
    }
    ::close(file);
    return spec;
}

/// This process as the host sees it: the host's /proc is still mounted, and its `self` knows.
StartedRecord own_identity(const LaunchSpec& spec, const Answer& answer) {
    StartedRecord identity;
    identity.attempt = spec.folder.substr(spec.folder.rfind('/') + 1);
    char text[1024] = {};
    const int file = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    answer.require(file >= 0 && ::read(file, text, sizeof text - 1) > 0, "read /proc/self/stat");
    ::close(file);
    std::from_chars(text, text + sizeof text, identity.pid);
    identity.start_ticks = parse_start_ticks(text).value_or(0);
    if (identity.pid == 0 || identity.start_ticks == 0) {
        answer.give_up(Cause::host, "cannot read /proc/self/stat");
    }
    return identity;
}

/// Late, so that a server that was paused before it asked, or a launch that hangs, starts nothing that
/// another host may have begun meanwhile.
void require_in_time(std::int64_t start_before, const Answer& answer) {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    const auto now = std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
    if (now > start_before) {
        answer.give_up(Cause::host, "this host could not tell the others for too long that it is there");
    }
}

/// Late, so that what the set-up itself needs is not counted as the job's; the cgroup namespace then begins
/// here.
void join_cgroups(const std::vector<int>& cgroups, const Answer& answer) {
    for (const int cgroup : cgroups) {
        answer.require(::write(cgroup, "0", 1) == 1, "join a cgroup");
        ::close(cgroup);
    }
    answer.require(::unshare(CLONE_NEWCGROUP) == 0, "make a cgroup namespace");
}

}  // namespace

void run_container(const ContainerFiles& files, const Answer& answer) {
    ::signal(SIGCHLD, SIG_DFL);
    ::prctl(PR_SET_NAME, "flotilla-init", 0, 0, 0);
    // The job must not read or trace it, and so cannot forge the record of its own end.
    answer.require(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, "close itself to others");
    const LaunchSpec spec = read_spec(files.spec, answer);
    const StartedRecord identity = own_identity(spec, answer);
    const int folder = ::open(spec.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    answer.require(folder >= 0, "open the run's folder");

    answer.require(::setns(files.network, CLONE_NEWNET) == 0, "enter the network namespace");
    ::close(files.network);
    answer.require(::sethostname(spec.hostname.data(), spec.hostname.size()) == 0, "set the host name");
    enter_root(spec, {folder, files.user_namespace}, answer);
    const JobPlan plan = plan_job(spec, answer);
    join_cgroups(files.cgroups, answer);
    require_in_time(spec.start_before, answer);
    run_init(plan, {folder, files.log, files.user_namespace}, {spec.log_limit, spec.masked}, identity,
             answer);
}

}  // namespace flotilla::launcher
