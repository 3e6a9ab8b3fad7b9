#include "engine/local/launcher/job.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/local/launcher/capabilities.hpp"

extern "C" {
/// An array of sock_filter, made by system_calls.cpp when this program is built.
extern const unsigned char flotilla_system_call_filter[];
extern const unsigned char flotilla_system_call_filter_end[];
}

namespace flotilla::launcher {

namespace {

/// What Docker gives a container by default, but for MKNOD: devices come from /dev alone. See
/// https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities
constexpr int kept_capabilities[] = {
    CAP_CHOWN,      CAP_DAC_OVERRIDE, CAP_FSETID,      CAP_FOWNER,  CAP_NET_RAW,
    CAP_SETGID,     CAP_SETUID,       CAP_SETFCAP,     CAP_SETPCAP, CAP_NET_BIND_SERVICE,
    CAP_SYS_CHROOT, CAP_KILL,         CAP_AUDIT_WRITE,
};

constexpr std::uint64_t make_kept_mask() {
    std::uint64_t mask = 0;
    for (const int capability : kept_capabilities) {
        mask |= std::uint64_t{1} << capability;
    }
    return mask;
}
constexpr std::uint64_t kept_mask = make_kept_mask();

class Steps {
public:
    explicit Steps(int failures) : failures_(failures) {}

    void require(bool succeeded, const char* step) const {
        if (!succeeded) {
            fail(step, false);
        }
    }

    [[noreturn]] void fail(const char* step, bool executing) const {
        JobFailure failure;
        failure.error = errno;
        failure.executing = executing;
        std::strncpy(failure.step, step, sizeof failure.step - 1);
        (void)!::write(failures_, &failure, sizeof failure);
        ::_exit(126);
    }

private:
    int failures_;
};

void set_streams(int output, const Steps& steps) {
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    steps.require(null >= 0, "open /dev/null");
    steps.require(::dup2(null, 0) == 0 && ::dup2(output, 1) == 1 && ::dup2(output, 2) == 2,
                  "set the streams");
}

void bound_resources(const Steps& steps) {
    // One byte instead of none: it also turns off cores that are piped to a program; see core(5), and
    // do_coredump() in the kernel's fs/coredump.c.
    const rlimit no_cores{1, 1};
    steps.require(::setrlimit(RLIMIT_CORE, &no_cores) == 0, "turn off core dumps");
    // The server may have many files open, and its limit comes down to here. Programs expect the usual one of
    // Linux: some close every number up to it, and select(2) takes no more. They may raise it themselves.
    constexpr rlim_t usual_files = 1024;
    rlimit files{};
    steps.require(::getrlimit(RLIMIT_NOFILE, &files) == 0, "read the limit of open files");
    files.rlim_cur = std::min(files.rlim_max, usual_files);
    steps.require(::setrlimit(RLIMIT_NOFILE, &files) == 0, "set the limit of open files");
    // When the host runs out of memory a job goes before the host's own programs. A job that is a better
    // victim already may be refused the lower value.
    const int adjustment = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (adjustment >= 0) {
        (void)!::write(adjustment, "500", 3);
        ::close(adjustment);
    }
}

void drop_bounding_set(const Steps& steps) {
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
        if ((kept_mask & (std::uint64_t{1} << capability)) == 0) {
            steps.require(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, "drop capabilities");
        }
    }
}

/// To be called as the job's user: one who is not root has lost them all by becoming so.
void drop_capabilities(const Steps& steps) {
    steps.require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0,
                  "clear ambient capabilities");
    steps.require(keep_capabilities(::geteuid() == 0 ? kept_mask : 0), "set capabilities");
    steps.require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "forbid new privileges");
}

void filter_system_calls(const Steps& steps) {
    const auto size = static_cast<std::size_t>(flotilla_system_call_filter_end - flotilla_system_call_filter);
    // The kernel only reads it, though its interface does not say so.
    auto* const instructions =
        reinterpret_cast<sock_filter*>(const_cast<unsigned char*>(flotilla_system_call_filter));
    const sock_fprog program{static_cast<unsigned short>(size / sizeof(sock_filter)), instructions};
    steps.require(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0, "filter system calls");
}

void become_user(const UserIdentity& user, const Steps& steps) {
    steps.require(::setgroups(user.groups.size(), user.groups.data()) == 0, "set the supplementary groups");
    steps.require(::setresgid(user.gid, user.gid, user.gid) == 0, "set the group");
    steps.require(::setresuid(user.uid, user.uid, user.uid) == 0, "set the user");
}

/// By the system call: the C library does not let its own two signals, 32 and 33, be reset, and
/// posix_spawn(3) leaves them ignored.
void reset_signals() {
    constexpr std::size_t kernel_mask_size = 8;
    const std::uint64_t default_action[8] = {};  // struct sigaction as the kernel has it: SIG_DFL, no flags
    for (int number = 1; number <= 64; ++number) {
        ::syscall(SYS_rt_sigaction, number, default_action, nullptr, kernel_mask_size);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) {
        result.push_back(const_cast<char*>(text.c_str()));
    }
    result.push_back(nullptr);
    return result;
}

}  // namespace

void become_job(const JobPlan& plan, const JobFiles& files) {
    const Steps steps(files.failures);
    steps.require(::setsid() >= 0, "start a session");
    set_streams(files.output, steps);
    bound_resources(steps);
    ::umask(022);
    steps.require(::setns(files.user_namespace, CLONE_NEWUSER) == 0, "enter the user namespace");
    drop_bounding_set(steps);
    become_user(plan.user, steps);
    drop_capabilities(steps);
    steps.require(::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0, "close what was inherited");
    if (plan.script >= 0) {
        steps.require(::fcntl(plan.script, F_SETFD, 0) == 0, "pass the command");
    }
    const auto arguments = pointers(plan.arguments);
    const auto env = pointers(plan.env);
    reset_signals();
    filter_system_calls(steps);
    ::execve(plan.shell.c_str(), arguments.data(), env.data());
    steps.fail("execute", true);
}

}  // namespace flotilla::launcher
