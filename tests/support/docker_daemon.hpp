#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/subprocess.hpp"
#include "net/curl_http_client.hpp"
#include "support/base_image.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {

/// A dockerd of the test program's own, with everything of it in a folder that goes away with it. It needs
/// root. Its store has the image `base`.
class DockerDaemon {
public:
    DockerDaemon() : notices_(open_notices()), pid_(start()) {
        await_readiness();
        import_base();
    }
    DockerDaemon(const DockerDaemon&) = delete;
    DockerDaemon& operator=(const DockerDaemon&) = delete;
    ~DockerDaemon() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
        // dockerd leaves the mount of the host's network namespace behind.
        ::umount2(in_folder("exec/netns/default").c_str(), MNT_DETACH);
    }

    [[nodiscard]] std::string host() const { return "unix://" + in_folder("docker.sock"); }

private:
    [[nodiscard]] std::string in_folder(const char* name) const { return (folder_.path() / name).string(); }

    /// Where dockerd says that it is ready; see sd_notify(3).
    [[nodiscard]] UniqueFd open_notices() const {
        UniqueFd notices(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        in_folder("notices").copy(address.sun_path, sizeof address.sun_path - 1);
        constexpr timeval patience{.tv_sec = 30, .tv_usec = 0};
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API asks for it
        if (::bind(notices.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::setsockopt(notices.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
            throw_errno("cannot listen to dockerd");
        }
        return notices;
    }

    [[nodiscard]] pid_t start() const {
        std::vector<std::string> arguments{
            "dockerd",     "--host",          host(),      "--data-root",    in_folder("data"),
            "--exec-root", in_folder("exec"), "--pidfile", in_folder("pid"), "--bridge",
            "none",        "--iptables=false"};
        std::vector<char*> pointers;
        for (std::string& argument : arguments) {
            pointers.push_back(argument.data());
        }
        pointers.push_back(nullptr);
        const UniqueFd log(::open(in_folder("log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        const pid_t child = ::fork();
        if (child == 0) {
            ::setenv("NOTIFY_SOCKET", in_folder("notices").c_str(), 1);
            ::prctl(PR_SET_PDEATHSIG, SIGTERM);
            ::dup2(log.get(), 1);
            ::dup2(log.get(), 2);
            ::execvp("dockerd", pointers.data());
            ::_exit(127);
        }
        return child;
    }

    void await_readiness() const {
        char notice[256];
        for (;;) {
            const auto size = ::recv(notices_.get(), notice, sizeof notice, 0);
            if (size <= 0) {
                throw std::runtime_error("dockerd does not start: " +
                                         read_file(in_folder("log")).value_or(""));
            }
            if (std::string_view(notice, static_cast<std::size_t>(size)).find("READY=1") !=
                std::string_view::npos) {
                return;
            }
        }
    }

    void import_base() {
        auto tar = run_subprocess({"tar", "-C", base_image().string(), "-c", "."}, std::chrono::minutes{1});
        HttpRequest request;
        request.method = "POST";
        request.url = "http://docker/images/create?fromSrc=-&repo=base&tag=latest";
        request.unix_socket = in_folder("docker.sock");
        request.headers = {{"Content-Type", "application/x-tar"}};
        request.body = std::move(tar.output);
        const auto answer = CurlHttpClient().send(request);
        if (answer.status != 200) {
            throw std::runtime_error("import of base: " + answer.body);
        }
    }

    TemporaryFolder folder_;
    UniqueFd notices_;
    pid_t pid_;
};

/// Where the daemon of this test program is, which is started when it is first asked for, unless the variable
/// FLOTILLA_TEST_DOCKER_HOST names another, whose store has the image `base`.
[[nodiscard]] inline std::string docker_host() {
    if (const char* const other = std::getenv("FLOTILLA_TEST_DOCKER_HOST"); other != nullptr) {
        return other;
    }
    static const DockerDaemon daemon;
    return daemon.host();
}

}  // namespace flotilla::test
