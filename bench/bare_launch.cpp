// bare_launch IMAGE FOLDER RUNS AT_ONCE COMMAND [keep]: how many times a second a command runs as cheaply as
// an isolated one can: clone3 into new namespaces (network too), an overlay over IMAGE, pivot_root, /proc,
// `bash -l -c COMMAND`; in the end what they left on the disk is removed. No user namespace, cgroup, filter,
// log, record or server. Without IMAGE (`-`): fork and exec on the host alone. Prints runs a second: until
// nothing is left of them or, with `keep` as one more argument, until the last has ended.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace {

void require(bool done, const char* step) {
    if (!done) {
        std::perror(step);
        ::_exit(1);
    }
}

[[noreturn]] void run(bool is_contained, const char* command) {
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, 1);
    ::dup2(null, 2);
    // A login shell of the host would run the profile of the host.
    ::execl("/bin/bash", "/bin/bash", is_contained ? "-lc" : "-c", command, nullptr);
    ::_exit(127);
}

void enter(const std::string& image, const std::string& folder) {
    require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private");
    for (const char* const name : {"upper", "work", "root"}) {
        require(fs::create_directories(folder + "/" + name), "folders");
    }
    const std::string options =
        "lowerdir=" + image + ",upperdir=" + folder + "/upper,workdir=" + folder + "/work,volatile";
    const std::string root = folder + "/root";
    require(::mount("overlay", root.c_str(), "overlay", 0, options.c_str()) == 0, "overlay");
    require(::chdir(root.c_str()) == 0 && ::syscall(SYS_pivot_root, ".", ".") == 0 &&
                ::umount2(".", MNT_DETACH) == 0,
            "pivot_root");
    require(
        ::mount("proc", "/proc", "proc", 0, nullptr) == 0 && ::mount("dev", "/dev", "tmpfs", 0, nullptr) == 0,
        "proc");
}

pid_t start(const std::string& image, const std::string& folder, const char* command) {
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    if (!image.empty()) {
        arguments.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;
    }
    const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
    if (pid == 0) {
        if (!image.empty()) {
            enter(image, folder);
        }
        run(!image.empty(), command);
    }
    require(pid > 0, "clone3");
    return pid;
}

/// By as many threads as there are processors.
void remove_folders(const std::string& parent, int count) {
    const int threads = static_cast<int>(std::thread::hardware_concurrency());
    std::vector<std::jthread> removers;
    for (int first = 0; first < threads; ++first) {
        removers.emplace_back([&parent, count, first, threads] {
            for (int folder = first; folder < count; folder += threads) {
                fs::remove_all(parent + "/" + std::to_string(folder));
            }
        });
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 6 && count != 7) {
        std::fprintf(stderr, "bare_launch IMAGE FOLDER RUNS AT_ONCE COMMAND [keep]\n");
        return 2;
    }
    const bool keeps = count == 7;
    const std::string image = std::string(arguments[1]) == "-" ? "" : arguments[1];
    const int runs = std::atoi(arguments[3]);
    const int at_once = std::atoi(arguments[4]);
    // As good as it gets: on ext4 folders near those that were removed lately take long to make.
    fs::create_directories(arguments[2]);
    const int folder = ::open(arguments[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int flags = FS_TOPDIR_FL;
    (void)::ioctl(folder, FS_IOC_SETFLAGS, &flags);
    ::close(folder);
    const auto begin = std::chrono::steady_clock::now();
    int started = 0;
    for (int ended = 0; ended < runs;) {
        while (started < runs && started - ended < at_once) {
            start(image, std::string(arguments[2]) + "/" + std::to_string(started), arguments[5]);
            ++started;
        }
        int status = 0;
        require(::wait(&status) > 0 && status == 0, "run");
        ++ended;
    }
    if (!keeps) {
        remove_folders(arguments[2], runs);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    fs::remove_all(arguments[2]);
    std::printf("%f\n", runs / took.count());
    return 0;
}
