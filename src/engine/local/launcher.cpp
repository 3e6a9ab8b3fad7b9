#include "engine/local/launcher.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"
#include "engine/local/pidfd.hpp"

extern "C" {
extern const unsigned char flotilla_launcher_program[];
extern const unsigned char flotilla_launcher_program_end[];
}

namespace flotilla {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds launch_timeout{20};
constexpr std::chrono::seconds question_timeout{1};
/// How long a container's init may take to die once it has failed or was killed.
constexpr std::chrono::seconds death_timeout{5};

struct SocketPair {
    UniqueFd ours;
    UniqueFd theirs;
};

SocketPair make_socket_pair() {
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0) {
        throw_errno("cannot make a socket pair");
    }
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

UniqueFd memory_file(const char* name, std::string_view content) {
    UniqueFd file(::memfd_create(name, MFD_CLOEXEC));
    if (!file) {
        throw_errno("cannot make a file in memory");
    }
    write_all(file.get(), content, "a file in memory");
    return file;
}

std::string_view launcher_program() {
    return {reinterpret_cast<const char*>(flotilla_launcher_program),
            static_cast<std::size_t>(flotilla_launcher_program_end - flotilla_launcher_program)};
}

/// False if `timeout` passed before there was something to read.
bool wait_readable(int fd, steady_clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
        pollfd polled{fd, POLLIN, 0};
        const int count = ::poll(&polled, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
        if (count > 0 || (count == 0 && left.count() <= 0)) {
            return count > 0;
        }
    }
}

struct AnswerMessage {
    launcher::AnswerKind kind;
    std::string text;
    UniqueFd process;
};

/// The next answer; nothing at the end of the stream.
std::optional<AnswerMessage> receive(int socket) {
    std::array<char, 4096> buffer{};
    iovec part{buffer.data(), buffer.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    const auto count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count <= 0) {
        return std::nullopt;
    }
    AnswerMessage answer{static_cast<launcher::AnswerKind>(buffer[0]),
                         std::string(buffer.data() + 1, static_cast<std::size_t>(count - 1)), UniqueFd()};
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
        answer.process = UniqueFd(fd);
    }
    return answer;
}

/// Makes sure that a container that was not started is gone.
void await_death(const UniqueFd& process) {
    if (!process || wait_readable(process.get(), steady_clock::now() + death_timeout)) {
        return;
    }
    send_signal(process, SIGKILL);
    wait_readable(process.get(), steady_clock::now() + death_timeout);
}

TimePoint time_of(std::string_view text) {
    std::int64_t microseconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), microseconds);
    return TimePoint(std::chrono::microseconds(microseconds));
}

/// Launcher and init answer in any order; both have answered once the job is started.
LaunchOutcome await_outcome(int socket) {
    const auto deadline = steady_clock::now() + launch_timeout;
    std::optional<TimePoint> started;
    UniqueFd process;
    while (!started || !process) {
        if (!wait_readable(socket, deadline)) {
            if (process) {
                send_signal(process, SIGKILL);
                await_death(process);
            }
            return ContainerFailed{
                launcher::Cause::host,
                fmt::format("the container could not be set up within {} seconds", launch_timeout.count())};
        }
        std::optional<AnswerMessage> answer = receive(socket);
        if (!answer) {
            await_death(process);
            return ContainerVanished{};
        }
        switch (answer->kind) {
            case launcher::AnswerKind::process:
                process = std::move(answer->process);
                break;
            case launcher::AnswerKind::started:
                started = time_of(answer->text);
                break;
            case launcher::AnswerKind::failed:
                await_death(process);
                return ContainerFailed{static_cast<launcher::Cause>(answer->text.at(0)),
                                       answer->text.substr(1)};
        }
    }
    return ContainerStarted{*started, std::move(process)};
}

}  // namespace

Launcher::Launcher() : process_(start()) {}

Launcher::~Launcher() {
    end(*process_.lock());
}

Launcher::Process Launcher::start() {
    const UniqueFd program = memory_file("flotilla-launcher", launcher_program());
    SocketPair control = make_socket_pair();
    // A descriptor that already has the wanted number would stay close-on-exec.
    constexpr int first_free = 10;
    const UniqueFd theirs(::fcntl(control.theirs.get(), F_DUPFD_CLOEXEC, first_free));

    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    for (int stream = 0; stream < 3; ++stream) {
        // It must not keep the server's own streams open when the server is gone.
        posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
    }
    constexpr int control_number = 3;
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), control_number);
    posix_spawnattr_t attributes{};
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);

    const std::string path = fmt::format("/proc/self/fd/{}", program.get());
    std::string name = "flotilla-launcher";
    std::array<char*, 2> arguments{name.data(), nullptr};
    std::array<char*, 1> env{nullptr};
    Process process;
    const int error =
        ::posix_spawn(&process.pid, path.c_str(), &actions, &attributes, arguments.data(), env.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), "cannot start the launcher");
    }
    process.control = std::move(control.ours);
    return process;
}

void Launcher::end(Process& process) {
    process.control = UniqueFd();
    while (::waitpid(process.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

/// Sends a request with these descriptors, to a new process if the one that was there has died. False if it
/// takes none.
bool Launcher::send(std::span<const int> fds) {
    char kind = launcher::launch_request;
    iovec part{&kind, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(launcher::most_request_fds * sizeof(int))> space{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());

    auto process = process_.lock();
    // A process that lives takes requests at once: one that does not must not hold up all who ask.
    constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    if (::sendmsg(process->control.get(), &message, flags) > 0) {
        return true;
    }
    if (errno == EAGAIN) {
        return false;
    }
    log_warning("the launcher has died ({}); it is started again", std::generic_category().message(errno));
    end(*process);
    *process = start();
    return ::sendmsg(process->control.get(), &message, flags) > 0;
}

LaunchOutcome Launcher::launch(const launcher::LaunchSpec& spec, const ContainerFiles& files) {
    const UniqueFd request = memory_file("flotilla-run", launcher::encode(spec));
    SocketPair answer = make_socket_pair();
    std::vector<int> fds{request.get(), answer.theirs.get(), files.lock, files.log, files.network};
    for (const UniqueFd& cgroup : files.cgroups) {
        fds.push_back(cgroup.get());
    }
    if (!send(fds)) {
        return ContainerFailed{launcher::Cause::host, "the launcher cannot be reached"};
    }
    crash_point("local.launch_asked");
    answer.theirs = UniqueFd();
    return await_outcome(answer.ours.get());
}

std::optional<std::string> Launcher::trouble() {
    SocketPair question = make_socket_pair();
    const std::array<int, 1> fds{question.theirs.get()};
    const bool is_asked = send(fds);
    question.theirs = UniqueFd();
    if (!is_asked || !wait_readable(question.ours.get(), steady_clock::now() + question_timeout)) {
        return "the launcher does not answer";
    }
    // The end of the stream says that all is well.
    const auto answer = receive(question.ours.get());
    return answer ? std::optional(answer->text.substr(1)) : std::nullopt;
}

}  // namespace flotilla
