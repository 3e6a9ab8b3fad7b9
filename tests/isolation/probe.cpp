// Tries one after another what a container is there to keep from a job, and prints a line for each: its name,
// a tabulator, and `yes` or `no (how it was refused)`. It leaves whatever it reached as it was.
//
// The environment says what there is to be reached: PROBE_HOST_FILE, a file of the host; PROBE_HOST_SEGMENT,
// the key of a shared memory segment of the host; PROBE_HOST_SOCKET, the name of an abstract socket of the
// host; PROBE_MEMORY and PROBE_PROCESSES, more of either than a run may have; PROBE_ADDRESSES, `NAME=IP:PORT`
// separated by `;`, where somebody listens whom a job must not reach, and one whom it may.
// What the environment does not name is not tried.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr int reached = 0;

/// 0, or why not: errno.
int outcome_of(long result) {
    return result >= 0 ? reached : errno;
}

/// Tries in a process of its own, so that what is killed for it is not the probe.
void probe(const std::string& name, const std::function<int()>& attempt) {
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(attempt());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    std::string verdict = "yes";
    if (WIFSIGNALED(status)) {
        verdict = std::string("no (SIG") + ::sigabbrev_np(WTERMSIG(status)) + ")";
    } else if (const int error = WEXITSTATUS(status); error != reached) {
        verdict = std::string("no (") + ::strerrorname_np(error) + ")";
    }
    std::printf("%s\t%s\n", name.c_str(), verdict.c_str());
}

int open_for(const char* path, int flags) {
    return outcome_of(::open(path, flags | O_CLOEXEC));
}

/// Reads a byte; a file that is there and empty is as good as refused.
int read_some(const char* path) {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    char byte = 0;
    const auto count = file < 0 ? -1 : ::read(file, &byte, 1);
    return count == 0 ? ENODATA : outcome_of(count);
}

int list_some(const char* path) {
    DIR* const folder = ::opendir(path);
    if (folder == nullptr) {
        return errno;
    }
    for (const dirent* entry = ::readdir(folder); entry != nullptr; entry = ::readdir(folder)) {
        if (entry->d_name[0] != '.') {
            return reached;
        }
    }
    return ENODATA;
}

std::string variable(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

void probe_mounts() {
    probe("mount a file system", [] { return outcome_of(::mount("none", "/tmp", "tmpfs", 0, nullptr)); });
    probe("bind a folder elsewhere",
          [] { return outcome_of(::mount("/etc", "/tmp", nullptr, MS_BIND, nullptr)); });
    probe("make /sys writable",
          [] { return outcome_of(::mount(nullptr, "/sys", nullptr, MS_REMOUNT | MS_BIND, nullptr)); });
    probe("unmount what hides /proc/kcore", [] { return outcome_of(::umount2("/proc/kcore", MNT_DETACH)); });
    probe("change the root (pivot_root)", [] { return outcome_of(::syscall(SYS_pivot_root, "/", "/tmp")); });
    probe("open a tree of mounts (open_tree)",
          [] { return outcome_of(::syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE)); });
    probe("leave the root by chroot", [] {
        struct stat before = {};
        struct stat after = {};
        const int top = ::open("/", O_RDONLY | O_DIRECTORY);
        if (::stat("/", &before) != 0 || ::mkdir("/tmp/inner", 0700) != 0 || ::chroot("/tmp/inner") != 0 ||
            ::fchdir(top) != 0) {
            return errno;
        }
        for (int step = 0; step < 64; ++step) {
            (void)!::chdir("..");
        }
        const bool is_outside =
            ::stat(".", &after) == 0 && (before.st_ino != after.st_ino || before.st_dev != after.st_dev);
        (void)::unlinkat(top, "tmp/inner", AT_REMOVEDIR);
        return is_outside ? reached : EXDEV;
    });
    probe("open a file by its handle", [] {
        alignas(file_handle) char space[sizeof(file_handle) + MAX_HANDLE_SZ] = {};
        auto* const handle = reinterpret_cast<file_handle*>(space);
        handle->handle_bytes = 8;
        handle->handle_type = 1;
        const std::uint32_t root_inode[2] = {2, 0};
        std::memcpy(handle->f_handle, root_inode, sizeof root_inode);
        return outcome_of(::open_by_handle_at(::open("/etc", O_RDONLY), handle, O_RDONLY));
    });
}

void probe_namespaces() {
    probe("make a user namespace", [] { return outcome_of(::unshare(CLONE_NEWUSER)); });
    probe("make a mount namespace", [] { return outcome_of(::unshare(CLONE_NEWNS)); });
    probe("make a network namespace", [] { return outcome_of(::unshare(CLONE_NEWNET)); });
    probe("enter another namespace", [] {
        const int found = ::open("/proc/1/ns/mnt", O_RDONLY);
        return found < 0 ? errno : outcome_of(::setns(found, 0));
    });
    probe("be root of the host", [] {
        std::uint64_t inside = 0;
        std::uint64_t outside = 0;
        std::FILE* const map = std::fopen("/proc/self/uid_map", "r");
        return map != nullptr && std::fscanf(map, "%lu %lu", &inside, &outside) == 2 && outside == 0 ? reached
                                                                                                     : EPERM;
    });
    probe("change the host name", [] { return outcome_of(::sethostname("probe", 5)); });
}

void probe_processes() {
    probe("trace process 1", [] { return outcome_of(::ptrace(PTRACE_SEIZE, 1, nullptr, nullptr)); });
    probe("write the memory of process 1", [] { return open_for("/proc/1/mem", O_RDWR); });
    probe("read the environment of process 1", [] { return read_some("/proc/1/environ"); });
    probe("read another process's memory (process_vm_readv)", [] {
        char byte = 0;
        iovec local{&byte, 1};
        iovec remote{&byte, 1};
        return outcome_of(::syscall(SYS_process_vm_readv, ::getppid(), &local, 1, &remote, 1, 0));
    });
    probe("see processes of the host", [] {
        DIR* const folder = ::opendir("/proc");
        for (const dirent* entry = ::readdir(folder); entry != nullptr; entry = ::readdir(folder)) {
            // Process 2 of a host is a thread of its kernel, whose children have no program.
            if (std::strcmp(entry->d_name, "2") == 0) {
                char target[64];
                return ::readlink("/proc/2/exe", target, sizeof target) < 0 && errno == ENOENT ? reached
                                                                                               : ESRCH;
            }
        }
        return ESRCH;
    });
    probe("become a worse victim of the OOM killer", [] {
        const int file = ::open("/proc/self/oom_score_adj", O_WRONLY);
        return outcome_of(file < 0 ? -1 : ::write(file, "-1000", 5));
    });
    probe("raise the priority", [] { return outcome_of(::setpriority(PRIO_PROCESS, 0, -20)); });
    probe("schedule in real time", [] {
        const sched_param parameter{1};
        return outcome_of(::sched_setscheduler(0, SCHED_FIFO, &parameter));
    });
    probe("gain rights by a set-uid program", [] {
        if (::setresgid(1000, 1000, 1000) != 0 || ::setresuid(1000, 1000, 1000) != 0) {
            return errno;
        }
        ::execl("/probe-setuid", "probe", "--effective-user", nullptr);
        return errno;
    });
    probe("dump core to the host", [] {
        rlimit limit{};
        return ::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max > 1 ? reached : EPERM;
    });
}

void probe_kernel() {
    probe("load a kernel module", [] { return outcome_of(::syscall(SYS_init_module, "", 0, "")); });
    probe("load a kernel module from a file",
          [] { return outcome_of(::syscall(SYS_finit_module, -1, "", 0)); });
    probe("unload a kernel module",
          [] { return outcome_of(::syscall(SYS_delete_module, "probe", O_NONBLOCK)); });
    probe("load another kernel (kexec)",
          [] { return outcome_of(::syscall(SYS_kexec_load, 0, 0, nullptr, 0)); });
    probe("restart the host", [] {
        return outcome_of(::syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
                                    LINUX_REBOOT_CMD_CAD_ON, nullptr));
    });
    probe("set the clock", [] {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);
        return outcome_of(::syscall(SYS_clock_settime, CLOCK_REALTIME, &now));
    });
    probe("turn on swap", [] { return outcome_of(::swapon("/etc/passwd", 0)); });
    probe("turn on accounting", [] { return outcome_of(::syscall(SYS_acct, "/etc/passwd")); });
    probe("read the kernel's log", [] {
        char text[16];
        constexpr int read_all = 3;
        return outcome_of(::klogctl(read_all, text, sizeof text));
    });
    probe("reach the ports of devices (iopl)", [] { return outcome_of(::syscall(SYS_iopl, 3)); });
    probe("use keyrings (keyctl)", [] { return outcome_of(::syscall(SYS_keyctl, 0, -4, 1)); });
    probe("add a key", [] { return outcome_of(::syscall(SYS_add_key, "user", "probe", "x", 1, -4)); });
    probe("load a program into the kernel (bpf)",
          [] { return outcome_of(::syscall(SYS_bpf, 0, nullptr, 0)); });
    probe("watch the kernel (perf_event_open)", [] {
        perf_event_attr attributes{};
        attributes.size = sizeof attributes;
        attributes.type = PERF_TYPE_SOFTWARE;
        return outcome_of(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
    });
    probe("handle page faults (userfaultfd)", [] { return outcome_of(::syscall(SYS_userfaultfd, 0)); });
    probe("use io_uring", [] {
        std::uint8_t parameters[120] = {};
        return outcome_of(::syscall(SYS_io_uring_setup, 1, parameters));
    });
#if defined(__x86_64__)
    probe("make 32-bit system calls", [] {
        long result = 20;  // getpid
        asm volatile("int $0x80" : "+a"(result) : : "memory");
        return result > 0 ? reached : EPERM;
    });
#endif
}

void probe_files() {
    probe("write /proc/sysrq-trigger", [] { return open_for("/proc/sysrq-trigger", O_WRONLY); });
    probe("change the core pattern", [] { return open_for("/proc/sys/kernel/core_pattern", O_WRONLY); });
    probe("change memory overcommit", [] { return open_for("/proc/sys/vm/overcommit_memory", O_WRONLY); });
    probe("read the kernel's memory (/proc/kcore)", [] { return read_some("/proc/kcore"); });
    probe("read the keys of the host (/proc/keys)", [] { return read_some("/proc/keys"); });
    probe("read /proc/timer_list", [] { return read_some("/proc/timer_list"); });
    probe("read /proc/interrupts", [] { return read_some("/proc/interrupts"); });
    probe("list the firmware (/sys/firmware)", [] { return list_some("/sys/firmware"); });
    probe("read the power meter (/sys/devices/virtual/powercap)",
          [] { return list_some("/sys/devices/virtual/powercap"); });
    probe("set the program of device events (/sys/kernel/uevent_helper)",
          [] { return open_for("/sys/kernel/uevent_helper", O_WRONLY); });
    probe("leave the cgroup", [] {
        for (const char* const path : {"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/cgroup.procs",
                                       "/sys/fs/cgroup/pids/cgroup.procs"}) {
            const int file = ::open(path, O_WRONLY);
            if (file >= 0) {
                return outcome_of(::write(file, "0", 1));
            }
        }
        return errno;
    });
    probe("raise the memory limit of the cgroup", [] {
        for (const char* const path :
             {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
            if (open_for(path, O_WRONLY) == reached) {
                return reached;
            }
        }
        return errno;
    });
    if (const std::string file = variable("PROBE_HOST_FILE"); !file.empty()) {
        probe("read a file of the host", [&] { return read_some(file.c_str()); });
        probe("read a file of the host by way of process 1",
              [&] { return read_some(("/proc/1/root" + file).c_str()); });
    }
}

void probe_devices() {
    probe("make a block device", [] {
        return outcome_of(
            ::mknod("/tmp/disk", S_IFBLK | 0600, makedev(254, 0)) == 0 ? ::open("/tmp/disk", O_RDONLY) : -1);
    });
    probe("make the device of all memory", [] {
        return outcome_of(
            ::mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)) == 0 ? ::open("/tmp/mem", O_RDONLY) : -1);
    });
    probe("open the disk of the host", [] { return open_for("/dev/vda", O_RDONLY); });
    probe("open /dev/mem", [] { return open_for("/dev/mem", O_RDONLY); });
    probe("open /dev/kmsg", [] { return open_for("/dev/kmsg", O_WRONLY); });
    probe("open /dev/fuse", [] { return open_for("/dev/fuse", O_RDWR); });
}

void probe_host_objects() {
    if (const std::string key = variable("PROBE_HOST_SEGMENT"); !key.empty()) {
        probe("reach shared memory of the host",
              [&] { return outcome_of(::shmget(std::atoi(key.c_str()), 0, 0)); });
    }
    if (const std::string name = variable("PROBE_HOST_SOCKET"); !name.empty()) {
        probe("reach an abstract socket of the host", [&] {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            std::memcpy(address.sun_path + 1, name.data(), name.size());
            const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
            return outcome_of(
                ::connect(::socket(AF_UNIX, SOCK_STREAM, 0), reinterpret_cast<sockaddr*>(&address), size));
        });
    }
}

int connect_to(const std::string& ip, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
        return errno;
    }
    pollfd polled{socket, POLLOUT, 0};
    constexpr int patience_milliseconds = 300;
    if (::poll(&polled, 1, patience_milliseconds) != 1) {
        return ETIMEDOUT;
    }
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

void probe_network() {
    probe("make a raw socket", [] { return outcome_of(::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); });
    probe("make a packet socket", [] { return outcome_of(::socket(AF_PACKET, SOCK_RAW, htons(3))); });
    probe("speak to the hypervisor (vsock)", [] { return outcome_of(::socket(AF_VSOCK, SOCK_STREAM, 0)); });
    const std::string all = variable("PROBE_ADDRESSES");
    std::string_view rest = all;
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find(';'));
        rest.remove_prefix(item.size() + (item.size() < rest.size() ? 1 : 0));
        const auto equals = item.find('=');
        const auto colon = item.rfind(':');
        const std::string ip(item.substr(equals + 1, colon - equals - 1));
        const int port = std::atoi(std::string(item.substr(colon + 1)).c_str());
        probe("reach " + std::string(item.substr(0, equals)), [&] { return connect_to(ip, port); });
    }
}

void probe_limits() {
    if (const std::string processes = variable("PROBE_PROCESSES"); !processes.empty()) {
        probe("fork without bound", [&] {
            ::setsid();
            int error = 0;
            int count = 0;
            while (count < std::atoi(processes.c_str())) {
                const pid_t child = ::fork();
                if (child == 0) {
                    ::pause();
                    ::_exit(0);
                }
                if (child < 0) {
                    error = errno;
                    break;
                }
                ++count;
            }
            ::signal(SIGTERM, SIG_IGN);
            ::kill(0, SIGTERM);
            return error;
        });
    }
    if (const std::string bytes = variable("PROBE_MEMORY"); !bytes.empty()) {
        probe("take memory without bound", [&] {
            const auto size = static_cast<std::size_t>(std::atoll(bytes.c_str()));
            void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
            return memory == MAP_FAILED ? errno : reached;
        });
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count == 2 && std::string_view(arguments[1]) == "--effective-user") {
        return ::geteuid() == 0 ? reached : EPERM;
    }
    probe_mounts();
    probe_namespaces();
    probe_processes();
    probe_kernel();
    probe_files();
    probe_devices();
    probe_host_objects();
    probe_network();
    probe_limits();
    return 0;
}
