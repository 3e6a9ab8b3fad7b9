#include "base/subprocess.hpp"

#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"

namespace flotilla {

namespace {

struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};

Pipe make_pipe() {
    std::array<int, 2> fds{};
    if (::pipe2(fds.data(), O_CLOEXEC) != 0) {
        throw_errno("pipe2");
    }
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

pid_t spawn(const std::vector<std::string>& arguments, int out, int err) {
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
    posix_spawnattr_t attributes{};
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all_default;
    sigfillset(&all_default);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all_default);
    // Its own process group: a time-out kills what the program started, too.
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    pid_t pid = -1;
    const int error = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), "cannot run " + arguments.front());
    }
    return pid;
}

/// Appends what can be read; false at the end of the stream.
bool drain(int fd, std::string& into) {
    char buffer[16384];
    const auto count = ::read(fd, buffer, sizeof buffer);
    if (count > 0) {
        into.append(buffer, static_cast<std::size_t>(count));
    }
    return count > 0 || (count < 0 && errno == EINTR);
}

}  // namespace

SubprocessResult run_subprocess(const std::vector<std::string>& arguments, std::chrono::milliseconds timeout,
                                const std::stop_token& stop) {
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    const pid_t pid = spawn(arguments, out.write_end.get(), err.write_end.get());
    out.write_end.reset();
    err.write_end.reset();

    SubprocessResult result;
    // Not longer than until it is waited for: after that its id may be another's.
    std::optional<std::stop_callback<std::function<void()>>> kill_on_stop(std::in_place, stop,
                                                                          [pid] { ::kill(-pid, SIGKILL); });
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    std::array<pollfd, 2> polled{pollfd{out.read_end.get(), POLLIN, 0},
                                 pollfd{err.read_end.get(), POLLIN, 0}};
    while (polled[0].fd >= 0 || polled[1].fd >= 0) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            result.timed_out = true;
            ::kill(-pid, SIGKILL);
            break;
        }
        if (::poll(polled.data(), polled.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
            throw_errno("poll");
        }
        if (polled[0].revents != 0 && !drain(polled[0].fd, result.output)) {
            polled[0].fd = -1;
        }
        if (polled[1].revents != 0 && !drain(polled[1].fd, result.errors)) {
            polled[1].fd = -1;
        }
    }
    kill_on_stop.reset();
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            throw_errno("waitpid");
        }
    }
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace flotilla
