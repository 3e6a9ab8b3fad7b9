#include "engine/docker/daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "support/fakes.hpp"
#include "support/scripted_http_client.hpp"

namespace flotilla {
namespace {

using ::testing::HasSubstr;

TEST(DaemonAddress, IsASocketOrAHost) {
    const auto here = parse_daemon_address("unix:///run/docker.sock", "");
    EXPECT_EQ(here.unix_socket, "/run/docker.sock");
    EXPECT_EQ(here.host, "");
    const auto there = parse_daemon_address("tcp://hosts.example", "");
    EXPECT_EQ(there.url, "http://hosts.example:2375");
    EXPECT_EQ(there.host, "hosts.example");
    const auto safely = parse_daemon_address("tcp://[::1]:99/", "/certificates");
    EXPECT_EQ(safely.url, "https://[::1]:99");
    EXPECT_EQ(safely.host, "[::1]");
    EXPECT_EQ(safely.tls.authorities, "/certificates/ca.pem");
    EXPECT_EQ(safely.tls.certificate, "/certificates/cert.pem");
    EXPECT_EQ(safely.tls.key, "/certificates/key.pem");
    EXPECT_EQ(parse_daemon_address("tcp://x", "/c").url, "https://x:2376");
    for (const char* const wrong : {"", "unix://", "tcp://", "tcp://:99", "ssh://host", "/run/docker.sock",
                                    "tcp://x:", "tcp://x:0", "tcp://x:65536", "tcp://x:99/path"}) {
        EXPECT_THROW((void)parse_daemon_address(wrong, ""), Error) << wrong;
    }
}

class DaemonTest : public testing::Test {
protected:
    void answer(const std::string& method, const std::string& path, int status, const std::string& body) {
        http_.answer(method + " http://host:2375/v1.41" + path, status, body);
    }
    static std::string state(const std::string& status, int code = 0) {
        return R"({"State": {"Status": ")" + status + R"(", "ExitCode": )" + std::to_string(code) +
               R"(, "OOMKilled": false, "StartedAt": "2026-01-02T03:04:05.123456789Z",
                    "FinishedAt": "0001-01-01T00:00:00Z"},
                   "Config": {"Env": ["A=1", "T=t=0", "E="], "Labels": {"flotilla.masked": "T,E"}}})";
    }
    std::optional<PullFailure> pull(int status, const std::string& body) {
        answer("POST", "/images/create?fromImage=docker.io%2Fteam%2Ftool&tag=1", status, body);
        return daemon_.pull(parse_image_reference("team/tool:1").value(), "", [](const std::string&) {}, {});
    }

    test::ScriptedHttpClient http_;
    test::FakeClock clock_;
    Daemon daemon_{http_, parse_daemon_address("tcp://host", ""), clock_};
};

TEST_F(DaemonTest, AContainersStateIsRead) {
    answer("GET", "/containers/c/json", 200, state("exited", 3));
    const auto found = daemon_.inspect("c");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->phase, ContainerState::Phase::ended);
    EXPECT_EQ(found->exit_code, 3);
    ASSERT_TRUE(found->started_at);
    EXPECT_EQ(found->started_at->time_since_epoch().count() % 1'000'000, 123456);
    EXPECT_FALSE(found->finished_at);
    EXPECT_EQ(found->masked, std::vector<std::string>{"t=0"});
}

TEST_F(DaemonTest, EveryStatusIsUnderstood) {
    using Phase = ContainerState::Phase;
    for (const auto& [status, phase] :
         {std::pair("created", Phase::created), std::pair("configured", Phase::created),
          std::pair("running", Phase::running), std::pair("paused", Phase::running),
          std::pair("exited", Phase::ended), std::pair("dead", Phase::ended)}) {
        const std::string name = status;
        answer("GET", "/containers/" + name + "/json", 200, state(status));
        EXPECT_EQ(daemon_.inspect(name)->phase, phase) << status;
    }
    answer("GET", "/containers/gone/json", 404, R"({"message": "No such container: gone"})");
    EXPECT_FALSE(daemon_.inspect("gone"));
}

TEST_F(DaemonTest, AnAnswerThatCannotBeDealtWithIsNone) {
    for (const auto& [status, body] :
         {std::pair(500, R"({"message": "it\nbroke"})"), std::pair(200, "nonsense"), std::pair(200, "{}")}) {
        test::ScriptedHttpClient http;
        http.answer("GET http://host:2375/v1.41/containers/c/json", status, body);
        Daemon daemon(http, parse_daemon_address("tcp://host", ""), clock_);
        try {
            (void)daemon.inspect("c");
            FAIL() << body;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::unavailable);
            EXPECT_THAT(error.what(), HasSubstr(status == 500 ? "status 500: it broke" : "cannot be read"));
        }
    }
}

TEST_F(DaemonTest, ACreationSaysWhatBecameOfIt) {
    const auto create = [&](const std::string& name, int status, const std::string& message) {
        answer("POST", "/containers/create?name=" + name, status, R"({"message": ")" + message + "\"}");
        return daemon_.create(name, "{}");
    };
    EXPECT_TRUE(std::holds_alternative<ContainerMade>(create("a", 201, "")));
    EXPECT_TRUE(std::holds_alternative<NameTaken>(create("b", 409, "Conflict.")));
    EXPECT_TRUE(std::holds_alternative<NameTaken>(create("c", 500, "the name c is already in use")));
    EXPECT_TRUE(std::holds_alternative<ImageMissing>(create("d", 404, "No such image: x")));
    const auto refused = create("e", 400, "no");
    ASSERT_TRUE(std::holds_alternative<DaemonRefusal>(refused));
    EXPECT_EQ(std::get<DaemonRefusal>(refused).status, 400);
    EXPECT_EQ(std::get<DaemonRefusal>(refused).message, "no");
}

TEST_F(DaemonTest, ContainersThatDoNotRunNeedNotBeKilledNorRemoved) {
    answer("POST", "/containers/a/kill?signal=SIGTERM", 409, "{}");
    answer("POST", "/containers/b/kill?signal=SIGTERM", 404, "{}");
    answer("POST", "/containers/c/kill?signal=SIGTERM", 500,
           R"({"message": "can only kill running containers"})");
    answer("DELETE", "/containers/a?force=1&v=1", 404, "{}");
    for (const char* const name : {"a", "b", "c"}) {
        EXPECT_FALSE(daemon_.kill(name, "SIGTERM"));
    }
    daemon_.remove("a");
    answer("DELETE", "/containers/b?force=1&v=1", 409,
           R"({"message": "removal of container b is already in progress"})");
    EXPECT_THROW(daemon_.remove("b"), Error);
    answer("POST", "/containers/e/kill?signal=SIGTERM", 204, "");
    EXPECT_TRUE(daemon_.kill("e", "SIGTERM"));
    answer("POST", "/containers/d/kill?signal=SIGTERM", 500, R"({"message": "broken"})");
    EXPECT_THROW(daemon_.kill("d", "SIGTERM"), Error);
}

TEST_F(DaemonTest, APullTellsHowFarItIs) {
    std::vector<std::string> told;
    answer(
        "POST", "/images/create?fromImage=quay.io%2Fx%2Fy&tag=sha256%3Aabc", 200,
        "{\"status\":\"Pulling from x/y\",\"id\":\"1\"}\r\n"
        "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":3000000,\"total\":8000000},\"id\":\"a\"}"
        "\r\n"
        "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":2000000},\"id\":\"b\"}\r\n"
        "{\"status\":\"Download complete\",\"progressDetail\":{},\"id\":\"b\"}\r\n");
    ImageReference image{.registry = "quay.io", .repository = "x/y", .tag = "1", .digest = "sha256:abc"};
    EXPECT_FALSE(
        daemon_.pull(image, "credentials", [&](const std::string& text) { told.push_back(text); }, {}));
    EXPECT_THAT(told, testing::ElementsAre("5 of 10 MB"));
    EXPECT_EQ(http_.requests.back().headers.front().second, "credentials");
}

TEST_F(DaemonTest, APullThatCanNeverSucceedIsDenied) {
    const auto failure = pull(404, R"({"message": "manifest for team/tool:1 not found: manifest unknown"})");
    ASSERT_TRUE(failure && std::holds_alternative<PullDenied>(*failure));
    EXPECT_EQ(reason_of(*failure),
              "image team/tool:1 cannot be pulled: manifest for team/tool:1 not found: manifest unknown");
}

TEST_F(DaemonTest, APullThatFailedInItsStreamHasFailed) {
    const auto failure =
        pull(200, "{\"status\":\"Pulling\"}\r\n{\"error\":\"toomanyrequests: slow down\"}\r\n");
    ASSERT_TRUE(failure && std::holds_alternative<PullFailed>(*failure));
}

TEST_F(DaemonTest, APullFromARegistryOutOfReachMaySucceedLater) {
    const auto failure = pull(500, R"({"message": "dial tcp 127.0.0.1:1: connect: connection refused"})");
    ASSERT_TRUE(failure && std::holds_alternative<PullFailed>(*failure));
}

TEST_F(DaemonTest, RemembersWhenItWasAway) {
    answer("GET", "/containers/c/json", 200, state("running"));
    answer("GET", "/_ping", 200, "OK");
    EXPECT_FALSE(daemon_.was_away_at(clock_.now()));
    EXPECT_THROW((void)daemon_.inspect("unknown to the script"), Error);
    clock_.time += std::chrono::minutes{5};
    (void)daemon_.inspect("c");
    EXPECT_TRUE(daemon_.was_away_at(clock_.now() - std::chrono::minutes{2}));
    EXPECT_TRUE(daemon_.was_away_at(clock_.now() + std::chrono::seconds{2}));
    EXPECT_FALSE(daemon_.was_away_at(clock_.now() + std::chrono::seconds{4}));
    EXPECT_FALSE(daemon_.was_away_at(clock_.now() - std::chrono::minutes{6}));
}

}  // namespace
}  // namespace flotilla
