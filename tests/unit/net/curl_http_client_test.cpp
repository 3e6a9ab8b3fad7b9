#include "net/curl_http_client.hpp"

#include <filesystem>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Listens on a free port of loopback (or a Unix socket) and gives every connection one answer, word for
/// word.
class ScriptedServer {
public:
    explicit ScriptedServer(std::string answer, const std::string& unix_socket = "")
        : answer_(std::move(answer)),
          listener_(::socket(unix_socket.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        unix_socket.empty() ? bind_loopback() : bind_unix(unix_socket);
        if (::listen(listener_.get(), 8) != 0) {
            throw_errno("listen");
        }
        thread_ = std::jthread([this] { serve(); });
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    ~ScriptedServer() { ::shutdown(listener_.get(), SHUT_RDWR); }

    [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
    /// What the last client sent. Valid after its answer arrived.
    [[nodiscard]] std::string request() { return *request_.lock(); }

private:
    void bind_loopback() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API asks for it
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.get(), plain, size) != 0 || ::getsockname(listener_.get(), plain, &size) != 0) {
            throw_errno("bind");
        }
        port_ = ntohs(address.sin_port);
    }

    void bind_unix(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API asks for it
        if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw_errno("bind");
        }
    }

    void serve() {
        for (;;) {
            const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client) {
                return;
            }
            *request_.lock() = read_request(client.get());
            [[maybe_unused]] const auto sent =
                ::send(client.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
        }
    }

    static std::string read_request(int client) {
        std::string request;
        char buffer[4096];
        while (!is_complete(request)) {
            const auto count = ::recv(client, buffer, sizeof buffer, 0);
            if (count <= 0) {
                break;
            }
            request.append(buffer, static_cast<std::size_t>(count));
        }
        return request;
    }

    static bool is_complete(const std::string& request) {
        const auto head = request.find("\r\n\r\n");
        if (head == std::string::npos) {
            return false;
        }
        const auto length = request.find("Content-Length: ");
        const std::size_t body = length == std::string::npos ? 0 : std::stoul(request.substr(length + 16));
        return request.size() >= head + 4 + body;
    }

    std::string answer_;
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    Guarded<std::string> request_;
    std::jthread thread_;
};

std::string error_of(const HttpRequest& request, ErrorKind kind) {
    CurlHttpClient client;
    try {
        const auto response = client.send(request);
        ADD_FAILURE() << "answered with status " << response.status;
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), kind);
        return error.what();
    }
    return "";
}

TEST(CurlHttpClient, AnswersStatusHeadersAndBodyOfAnyStatus) {
    ScriptedServer server("HTTP/1.1 404 Not Found\r\nX-Kind:  a b \r\nContent-Length: 4\r\n\r\nnone");
    CurlHttpClient client;
    const auto response = client.send({.url = server.url() + "/x"});
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.header("x-kind"), "a b");
    EXPECT_EQ(response.body, "none");
}

TEST(CurlHttpClient, GivesAGoodAnswersBodyToWhoeverTakesIt) {
    const std::string body(1'000'000, 'x');
    ScriptedServer server("HTTP/1.1 206 Partial Content\r\nContent-Length: 1000000\r\n\r\n" + body);
    CurlHttpClient client;
    std::string taken;
    const auto take = [&](std::string_view piece) {
        taken += piece;
        return true;
    };
    const auto response = client.send({.url = server.url(), .take_body = take});
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(taken, body);
    const auto leave = [&](std::string_view) { return false; };
    EXPECT_EQ(client.send({.url = server.url(), .take_body = leave}).status, 206);
}

TEST(CurlHttpClient, KeepsTheBodyOfAnErrorForItsCaller) {
    ScriptedServer server("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
    CurlHttpClient client;
    const auto take = [](std::string_view) {
        ADD_FAILURE() << "the body of an error was given away";
        return true;
    };
    EXPECT_EQ(client.send({.url = server.url(), .take_body = take}).body, "none");
}

TEST(CurlHttpClient, SendsMethodHeadersAndBody) {
    ScriptedServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CurlHttpClient client;
    const std::string body("{\"a\":\0}", 7);
    const auto response = client.send({.method = "PUT",
                                       .url = server.url() + "/task?x=1",
                                       .headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}},
                                       .body = body});
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(server.request(), StartsWith("PUT /task?x=1 HTTP/1.1\r\n"));
    EXPECT_THAT(server.request(), HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(server.request(), HasSubstr("X-Empty:\r\n"));
    EXPECT_TRUE(server.request().ends_with(body));
}

TEST(CurlHttpClient, HasNoBodyForADelete) {
    ScriptedServer server("HTTP/1.1 204 No Content\r\n\r\n");
    CurlHttpClient client;
    EXPECT_EQ(client.send({.method = "DELETE", .url = server.url()}).status, 204);
    EXPECT_THAT(server.request(), testing::Not(HasSubstr("Content-Length")));
}

TEST(CurlHttpClient, DoesNotFollowARedirect) {
    ScriptedServer server("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    CurlHttpClient client;
    EXPECT_EQ(client.send({.url = server.url()}).status, 302);
}

TEST(CurlHttpClient, ForgetsTheHeadersOfAnInterimAnswer) {
    ScriptedServer server(
        "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CurlHttpClient client;
    const auto response = client.send({.url = server.url()});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("X-Early"), "");
}

TEST(CurlHttpClient, CanBeUsedAgainAfterAFailure) {
    ScriptedServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    CurlHttpClient client;
    EXPECT_THROW(std::ignore = client.send({.url = "ftp://127.0.0.1/"}), Error);
    EXPECT_EQ(client.send({.method = "POST", .url = server.url(), .body = "x"}).body, "ok");
    EXPECT_EQ(client.send({.url = server.url()}).body, "ok");
    EXPECT_THAT(server.request(), StartsWith("GET "));
}

TEST(CurlHttpClient, SpeaksToAUnixSocket) {
    const auto path =
        std::filesystem::temp_directory_path() / fmt::format("flotilla-net-{}.sock", ::getpid());
    std::filesystem::remove(path);
    {
        ScriptedServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", path);
        CurlHttpClient client;
        EXPECT_EQ(client.send({.url = "http://docker/version", .unix_socket = path}).body, "hi");
        EXPECT_THAT(server.request(), StartsWith("GET /version "));
    }
    std::filesystem::remove(path);
}

TEST(CurlHttpClient, SaysThatNobodyListens) {
    std::string url;
    {
        const ScriptedServer gone("");
        url = gone.url();
    }
    EXPECT_EQ(error_of({.url = url + "/health"}, ErrorKind::unavailable),
              fmt::format("cannot reach {}: connection refused", url));
}

TEST(CurlHttpClient, SaysThatAUnixSocketIsMissing) {
    EXPECT_EQ(error_of({.url = "http://docker/", .unix_socket = "/no/such.sock"}, ErrorKind::unavailable),
              "cannot reach /no/such.sock: no such file or directory");
}

TEST(CurlHttpClient, SaysThatTheServerHungUp) {
    const ScriptedServer server("");
    EXPECT_EQ(error_of({.url = server.url()}, ErrorKind::unavailable),
              server.url() + " closed the connection without an answer");
}

TEST(CurlHttpClient, GivesUpAfterTheTimeout) {
    const UniqueFd silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API asks for it
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(silent.get(), plain, size), 0);
    ASSERT_EQ(::listen(silent.get(), 1), 0);
    ASSERT_EQ(::getsockname(silent.get(), plain, &size), 0);
    const auto url = fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port));
    EXPECT_EQ(error_of({.url = url, .timeout = std::chrono::milliseconds(50)}, ErrorKind::unavailable),
              fmt::format("cannot reach {}: no answer within 50ms", url));
}

/// A Unix socket that takes connections and never answers.
class SilentSocket {
public:
    SilentSocket() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API asks for it
        if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener_.get(), 1) != 0) {
            throw_errno("listen");
        }
    }
    [[nodiscard]] std::string path() const { return (folder_.path() / "socket").string(); }
    [[nodiscard]] UniqueFd take_connection() const {
        return UniqueFd(::accept(listener_.get(), nullptr, nullptr));
    }

private:
    test::TemporaryFolder folder_;
    UniqueFd listener_;
};

TEST(CurlHttpClient, StopsWaitingWhenItIsToldTo) {
    const SilentSocket silent;
    std::stop_source stop;
    const std::jthread stopper([&] {
        const UniqueFd connection = silent.take_connection();
        stop.request_stop();
    });
    HttpRequest request{.url = "http://daemon/"};
    request.unix_socket = silent.path();
    request.stop = stop.get_token();
    EXPECT_THAT(error_of(request, ErrorKind::unavailable), HasSubstr("is not asked any more"));
}

TEST(CurlHttpClient, EndsAStreamForItsTime) {
    const SilentSocket silent;
    HttpRequest request{.url = "http://daemon/", .timeout = std::chrono::milliseconds{0}};
    request.unix_socket = silent.path();
    request.take_body = [](std::string_view) { return true; };
    request.longest = std::chrono::milliseconds{20};
    EXPECT_FALSE(CurlHttpClient().send(request).is_whole);
}

TEST(CurlHttpClient, RefusesWhatIsNoUrl) {
    EXPECT_THAT(error_of({.url = "http://"}, ErrorKind::invalid),
                HasSubstr("[http://] is not the URL of a server"));
    EXPECT_THAT(error_of({.url = "file:///etc/passwd"}, ErrorKind::invalid),
                HasSubstr("is not the URL of a server"));
}

}  // namespace
}  // namespace flotilla
