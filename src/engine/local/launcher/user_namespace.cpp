#include "engine/local/launcher/user_namespace.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/local/launcher/answer.hpp"

namespace flotilla::launcher {

namespace {

bool write_to(const std::string& path, const std::string& text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int error = errno;
    ::close(file);
    errno = error;
    return written;
}

/// A user namespace bounds all that lives in it together by the limits of who made it; see
/// inc_rlimit_ucounts() in the kernel's kernel/ucount.c. One run must not use up what another may.
void lift_limits() {
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_NPROC, &unlimited);
    ::setrlimit(RLIMIT_MEMLOCK, &unlimited);
    ::setrlimit(RLIMIT_MSGQUEUE, &unlimited);
    ::setrlimit(RLIMIT_SIGPENDING, &unlimited);
}

/// The first process of the namespace: it is there until its parent has seen to the namespace. What it
/// writes to `answer` is errno.
[[noreturn]] void live_in_namespace(int answer, int go_on) {
    lift_limits();
    int error = ::unshare(CLONE_NEWUSER) == 0 ? 0 : errno;
    (void)!::write(answer, &error, sizeof error);
    char done = 0;
    if (::read(go_on, &done, 1) == 1) {
        error = write_to("/proc/sys/user/max_user_namespaces", "0") ? 0 : errno;
        (void)!::write(answer, &error, sizeof error);
        (void)!::read(go_on, &done, 1);
    }
    ::_exit(0);
}

/// What the child answered: 0, or errno.
int answer_of_child(int answer) {
    int error = 0;
    return ::read(answer, &error, sizeof error) == sizeof error ? error : ESRCH;
}

std::variant<int, std::string> take_namespace(pid_t child, int answer, int go_on) {
    if (const int error = answer_of_child(answer); error != 0) {
        return with_error(
            "cannot make a user namespace; this host has to allow them, see sysctl "
            "user.max_user_namespaces",
            error);
    }
    const std::string process = "/proc/" + std::to_string(child);
    const std::string map = "0 " + std::to_string(first_job_id) + " " + std::to_string(job_ids);
    if (!write_to(process + "/uid_map", map) || !write_to(process + "/gid_map", map)) {
        return with_error("cannot map the ids of a user namespace", errno);
    }
    if (::write(go_on, "g", 1) != 1) {
        return with_error("cannot close a user namespace to others", errno);
    }
    if (const int error = answer_of_child(answer); error != 0) {
        return with_error("cannot close a user namespace to others", error);
    }
    const int found = ::open((process + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC);
    if (found < 0) {
        return with_error("cannot open a user namespace", errno);
    }
    return found;
}

}  // namespace

std::variant<int, std::string> make_user_namespace() {
    int answer[2];
    int go_on[2];
    if (::pipe2(answer, O_CLOEXEC) != 0 || ::pipe2(go_on, O_CLOEXEC) != 0) {
        return with_error("cannot make a pipe", errno);
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(answer[0]);
        ::close(go_on[1]);
        live_in_namespace(answer[1], go_on[0]);
    }
    ::close(answer[1]);
    ::close(go_on[0]);
    auto made = child < 0 ? with_error("cannot fork", errno) : take_namespace(child, answer[0], go_on[1]);
    ::close(answer[0]);
    ::close(go_on[1]);  // which ends the child
    if (child > 0) {
        ::waitpid(child, nullptr, 0);
    }
    return made;
}

}  // namespace flotilla::launcher
