// Writes the filter of the system calls that a job may make, as the array of sock_filter that seccomp(2)
// takes. A program of the build: the launcher carries what it writes.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

/// What Docker's default profile allows to a container with the capabilities of a job, without io_uring,
/// which it has allowed no more since version 25; see
/// https://github.com/moby/moby/blob/v27.0.0/profiles/seccomp/default.json
constexpr const char* allowed[] = {
    "accept",
    "accept4",
    "access",
    "adjtimex",
    "alarm",
    "arch_prctl",
    "bind",
    "brk",
    "capget",
    "capset",
    "chdir",
    "chmod",
    "chown",
    "chroot",
    "clock_adjtime",
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "close",
    "close_range",
    "connect",
    "copy_file_range",
    "creat",
    "dup",
    "dup2",
    "dup3",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_ctl_old",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "epoll_wait_old",
    "eventfd",
    "eventfd2",
    "execve",
    "execveat",
    "exit",
    "exit_group",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fallocate",
    "fanotify_mark",
    "fchdir",
    "fchmod",
    "fchmodat",
    "fchown",
    "fchownat",
    "fcntl",
    "fdatasync",
    "fgetxattr",
    "flistxattr",
    "flock",
    "fork",
    "fremovexattr",
    "fsetxattr",
    "fstat",
    "fstatfs",
    "fsync",
    "ftruncate",
    "futex",
    "futex_waitv",
    "futimesat",
    "get_robust_list",
    "get_thread_area",
    "getcpu",
    "getcwd",
    "getdents",
    "getdents64",
    "getegid",
    "geteuid",
    "getgid",
    "getgroups",
    "getitimer",
    "getpeername",
    "getpgid",
    "getpgrp",
    "getpid",
    "getppid",
    "getpriority",
    "getrandom",
    "getresgid",
    "getresuid",
    "getrlimit",
    "getrusage",
    "getsid",
    "getsockname",
    "getsockopt",
    "gettid",
    "gettimeofday",
    "getuid",
    "getxattr",
    "inotify_add_watch",
    "inotify_init",
    "inotify_init1",
    "inotify_rm_watch",
    "io_cancel",
    "io_destroy",
    "io_getevents",
    "io_pgetevents",
    "io_setup",
    "io_submit",
    "ioctl",
    "ioprio_get",
    "ioprio_set",
    "kill",
    "landlock_add_rule",
    "landlock_create_ruleset",
    "landlock_restrict_self",
    "lchown",
    "lgetxattr",
    "link",
    "linkat",
    "listen",
    "listxattr",
    "llistxattr",
    "lremovexattr",
    "lseek",
    "lsetxattr",
    "lstat",
    "madvise",
    "membarrier",
    "memfd_create",
    "memfd_secret",
    "mincore",
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "mlock",
    "mlock2",
    "mlockall",
    "mmap",
    "modify_ldt",
    "mprotect",
    "mq_getsetattr",
    "mq_notify",
    "mq_open",
    "mq_timedreceive",
    "mq_timedsend",
    "mq_unlink",
    "mremap",
    "msgctl",
    "msgget",
    "msgrcv",
    "msgsnd",
    "msync",
    "munlock",
    "munlockall",
    "munmap",
    "nanosleep",
    "newfstatat",
    "open",
    "openat",
    "openat2",
    "pause",
    "pidfd_open",
    "pidfd_send_signal",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "prctl",
    "pread64",
    "preadv",
    "preadv2",
    "prlimit64",
    "process_mrelease",
    "pselect6",
    "ptrace",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readahead",
    "readlink",
    "readlinkat",
    "readv",
    "recvfrom",
    "recvmmsg",
    "recvmsg",
    "remap_file_pages",
    "removexattr",
    "rename",
    "renameat",
    "renameat2",
    "restart_syscall",
    "rmdir",
    "rseq",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigqueueinfo",
    "rt_sigreturn",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "rt_tgsigqueueinfo",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getattr",
    "sched_getparam",
    "sched_getscheduler",
    "sched_rr_get_interval",
    "sched_setaffinity",
    "sched_setattr",
    "sched_setparam",
    "sched_setscheduler",
    "sched_yield",
    "seccomp",
    "select",
    "semctl",
    "semget",
    "semop",
    "semtimedop",
    "sendfile",
    "sendmmsg",
    "sendmsg",
    "sendto",
    "set_robust_list",
    "set_thread_area",
    "set_tid_address",
    "setfsgid",
    "setfsuid",
    "setgid",
    "setgroups",
    "setitimer",
    "setpgid",
    "setpriority",
    "setregid",
    "setresgid",
    "setresuid",
    "setreuid",
    "setrlimit",
    "setsid",
    "setsockopt",
    "setuid",
    "setxattr",
    "shmat",
    "shmctl",
    "shmdt",
    "shmget",
    "shutdown",
    "sigaltstack",
    "signalfd",
    "signalfd4",
    "socketpair",
    "splice",
    "stat",
    "statfs",
    "statx",
    "symlink",
    "symlinkat",
    "sync",
    "sync_file_range",
    "syncfs",
    "sysinfo",
    "tee",
    "tgkill",
    "time",
    "timer_create",
    "timer_delete",
    "timer_getoverrun",
    "timer_gettime",
    "timer_settime",
    "timerfd_create",
    "timerfd_gettime",
    "timerfd_settime",
    "times",
    "tkill",
    "truncate",
    "umask",
    "uname",
    "unlink",
    "unlinkat",
    "utime",
    "utimensat",
    "utimes",
    "vfork",
    "vmsplice",
    "wait4",
    "waitid",
    "write",
    "writev",
};
/// The newest system call that the profile decided about. To programs newer ones do not exist, which they
/// know how to live with.
constexpr std::uint32_t newest_known = 450;  // set_mempolicy_home_node
constexpr std::uint32_t first_x32_call = 0x40000000;

/// Every flag that makes a namespace: CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
/// CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET.
constexpr std::uint64_t namespace_flags = 0x7E020000;
/// The personalities PER_LINUX and PER_LINUX32, each also with UNAME26, and the question for the current one.
constexpr std::uint64_t personalities[] = {0, 0x8, 0x20000, 0x20008, 0xffffffff};

void require(bool succeeded, const std::string& step) {
    if (!succeeded) {
        throw std::runtime_error("cannot " + step);
    }
}

class Filter {
public:
    Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) {
        require(context_ != nullptr, "make a filter");
        constexpr std::uint32_t binary_tree = 2;
        require(seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE, binary_tree) == 0, "sort the filter");
        require(seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0,
                "refuse other architectures");
    }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;
    ~Filter() { seccomp_release(context_); }

    void add(std::uint32_t action, const char* name, const std::vector<scmp_arg_cmp>& conditions = {}) {
        const int number = seccomp_syscall_resolve_name(name);
        if (number < 0) {
            return;  // this architecture has no such call
        }
        require(seccomp_rule_add_array(context_, action, number, static_cast<unsigned>(conditions.size()),
                                       conditions.data()) == 0,
                std::string("add ") + name);
    }

    void write(int file) const { require(seccomp_export_bpf(context_, file) == 0, "write the filter"); }

private:
    scmp_filter_ctx context_;
};

void fill(Filter& filter) {
    for (const char* const name : allowed) {
        filter.add(SCMP_ACT_ALLOW, name);
    }
    for (const std::uint64_t personality : personalities) {
        filter.add(SCMP_ACT_ALLOW, "personality", {SCMP_A0(SCMP_CMP_EQ, personality)});
    }
    // A socket to the hypervisor reaches past every network namespace.
    filter.add(SCMP_ACT_ALLOW, "socket", {SCMP_A0(SCMP_CMP_NE, AF_VSOCK)});
    filter.add(SCMP_ACT_ALLOW, "clone", {SCMP_A0(SCMP_CMP_MASKED_EQ, namespace_flags, 0)});
    // Its flags lie in memory, where no filter can look: the C library then takes clone.
    filter.add(SCMP_ACT_ERRNO(ENOSYS), "clone3");
}

/// What libseccomp cannot say: a comparison of the call's number. It goes on with what comes after it.
void write_newest_known(int file) {
    constexpr std::uint16_t load = BPF_LD | BPF_W | BPF_ABS;
    const sock_filter instructions[] = {
        BPF_STMT(load, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 0, 4),
        BPF_STMT(load, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first_x32_call, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest_known, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    require(::write(file, instructions, sizeof instructions) == sizeof instructions, "write the filter");
}

}  // namespace

int main(int count, char** arguments) {
    try {
        // What the kernel knows that will run jobs, whatever this one does: Linux 4.14 and later.
        constexpr unsigned kills_processes = 3;
        require(seccomp_api_set(kills_processes) == 0, "choose the kernel's abilities");
        require(count == 2, "tell where to write: give a file");
        const int file = ::open(arguments[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        require(file >= 0, "open the file");
        write_newest_known(file);
        Filter filter;
        fill(filter);
        filter.write(file);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
