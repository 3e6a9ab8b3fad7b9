#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/local/launcher/container.hpp"
#include "engine/local/launcher/user_namespace.hpp"

/// The launcher: a small process that the server starts once, whose only work is to be cloned. Cloning the
/// server itself costs twenty times more, since it has more memory and threads. It ends when the server does;
/// the containers live on, and so does their user namespace.
namespace flotilla::launcher {

namespace {

/// The server's end of the conversation, as the server placed it.
constexpr int control = 3;

constexpr std::size_t at(RequestFd fd) {
    return static_cast<std::size_t>(fd);
}

/// The descriptors of the next request; empty when the server is gone.
std::vector<int> next_request() {
    char kind = 0;
    iovec part{&kind, 1};
    alignas(cmsghdr) char space[CMSG_SPACE(most_request_fds * sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    ssize_t count = 0;
    while ((count = ::recvmsg(control, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
    }
    if (count <= 0) {
        return {};
    }
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
        return {-1};
    }
    std::vector<int> fds((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(fds.data(), CMSG_DATA(header), fds.size() * sizeof(int));
    return fds;
}

void launch(const std::vector<int>& fds, int user_namespace) {
    const Answer answer(fds[at(RequestFd::answer)]);
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    const auto pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        ::close(control);
        ContainerFiles files;
        files.spec = fds[at(RequestFd::spec)];
        files.log = fds[at(RequestFd::log)];
        files.network = fds[at(RequestFd::network)];
        files.user_namespace = user_namespace;
        files.cgroups.assign(fds.begin() + at(RequestFd::count), fds.end());
        run_container(files, answer);
    }
    if (pid < 0) {
        answer.failed(Cause::host, with_error("cannot make a process in new namespaces", errno));
        return;
    }
    answer.process(pidfd);
    ::close(pidfd);
}

}  // namespace

}  // namespace flotilla::launcher

int main() {
    using namespace flotilla::launcher;
    ::prctl(PR_SET_NAME, "flotilla-launch", 0, 0, 0);
    // Whatever the server had open besides must not live on in containers.
    ::close_range(control + 1, ~0U, 0);
    const auto made = make_user_namespace();
    const int* const user_namespace = std::get_if<int>(&made);
    // Nobody waits for the containers: they are reaped as they end.
    ::signal(SIGCHLD, SIG_IGN);
    for (;;) {
        const std::vector<int> fds = next_request();
        if (fds.empty()) {
            return 0;
        }
        const bool is_launch = fds.size() >= at(RequestFd::count);
        if (user_namespace == nullptr) {
            Answer(is_launch ? fds[at(RequestFd::answer)] : fds[0])
                .failed(Cause::host, std::get<std::string>(made));
        } else if (is_launch) {
            launch(fds, *user_namespace);
        }
        for (const int fd : fds) {
            ::close(fd);
        }
    }
}
