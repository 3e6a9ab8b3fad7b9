#include "api/server.hpp"

#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "loopback_client.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;

/// Says what it was asked. `/large` is answered with 64 MiB, `/long` with 1 MiB, `/wait` once the gate is
/// opened.
struct HttpServerTest : testing::Test {
    Response answer(const IncomingRequest& request) {
        if (request.target == "/large") {
            waiting.set_value();
            return json_response(std::string(64U << 20U, 'x'));
        }
        if (request.target == "/long") {
            return json_response(std::string(1U << 20U, 'x'));
        }
        if (request.target == "/wait") {
            waiting.set_value();
            gate.get_future().wait();
        }
        return json_response(request.target + ":" + request.body);
    }
    HttpServer& start(HttpServerOptions options = {}) {
        options.port = 0;
        options.threads = 2;
        server.emplace(options, [this](IncomingRequest request) { return answer(request); });
        return *server;
    }
    test::LoopbackClient connect() { return test::LoopbackClient(server->port()); }
    static std::string get(const std::string& target, const std::string& more = {}) {
        return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n";
    }
    static std::string body_of(const std::string& response) {
        return response.substr(response.find("\r\n\r\n") + 4);
    }

    std::promise<void> waiting;
    std::promise<void> gate;
    std::optional<HttpServer> server;
};

TEST_F(HttpServerTest, ConnectionsAndWhatIsNoRequestAreCountedAndLogged) {
    MetricRegistry registry;
    HttpMetrics metrics(registry);
    HttpServerOptions options;
    options.metrics = &metrics;
    start(options);
    {
        auto client = connect();
        client.send(get("/1"));
        (void)client.read_response();
        EXPECT_NE(registry.text().find("\nflotilla_http_connections_open 1\n"), std::string::npos);
    }
    testing::internal::CaptureStderr();
    std::string response;
    {
        auto client = connect();
        client.send("no request\r\n\r\n");
        response = client.read_response();
    }
    server.reset();
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(response.find("HTTP/1.1 400 "), 0U);
    EXPECT_NE(registry.text().find("\nflotilla_http_refused_total{status=\"400\"} 1\n"), std::string::npos);
    EXPECT_NE(registry.text().find("\nflotilla_http_connections_total 2\n"), std::string::npos);
    EXPECT_NE(registry.text().find("\nflotilla_http_connections_open 0\n"), std::string::npos);
    EXPECT_NE(log.find(" info event=request_refused status=400 reason="), std::string::npos);
}

TEST_F(HttpServerTest, AConnectionServesOneRequestAfterTheOther) {
    start();
    auto client = connect();
    for (const char* target : {"/1", "/2", "/3"}) {
        client.send(get(target));
        const auto response = client.read_response();
        EXPECT_EQ(response.find("HTTP/1.1 200 OK\r\nServer: flotilla/"), 0U);
        EXPECT_NE(response.find("\r\nDate: "), std::string::npos);
        EXPECT_NE(response.find("\r\nConnection: keep-alive\r\n"), std::string::npos);
        EXPECT_EQ(body_of(response), std::string(target) + ":");
    }
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInTheirOrder) {
    start();
    auto client = connect();
    client.send(get("/1") + "PUT /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + get("/3"));
    EXPECT_EQ(body_of(client.read_response()), "/1:");
    EXPECT_EQ(body_of(client.read_response()), "/2:abc");
    EXPECT_EQ(body_of(client.read_response()), "/3:");
}

TEST_F(HttpServerTest, ARequestMayComeInPieces) {
    start();
    auto client = connect();
    for (const char byte : get("/slow")) {
        client.send({&byte, 1});
    }
    EXPECT_EQ(body_of(client.read_response()), "/slow:");
}

TEST_F(HttpServerTest, TheConnectionIsClosedWhereTheClientWantsIt) {
    start();
    auto client = connect();
    client.send(get("/", "Connection: close\r\n"));
    const auto response = client.read_to_end();
    EXPECT_NE(response.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_EQ(body_of(response), "/:");
}

TEST_F(HttpServerTest, HeadIsAnsweredWithoutTheBody) {
    start();
    auto client = connect();
    client.send("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_NE(client.read_response(false).find("\r\nContent-Length: 5\r\n"), std::string::npos);
    client.send(get("/next"));
    EXPECT_EQ(body_of(client.read_response()), "/next:");
}

TEST_F(HttpServerTest, AChunkedBodyIsRead) {
    start();
    auto client = connect();
    client.send(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
    EXPECT_EQ(body_of(client.read_response()), "/:abc");
}

TEST_F(HttpServerTest, AClientThatWaitsIsToldToContinue) {
    start();
    auto client = connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("x");
    EXPECT_EQ(body_of(client.read_response()), "/:x");
}

TEST_F(HttpServerTest, AnOversizedBodyIsRefusedThoughTheClientSendsItAll) {
    start();
    auto client = connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4194304\r\n\r\n" +
                std::string(4U << 20U, 'x'));
    const auto response = client.read_to_end();
    EXPECT_EQ(response.find("HTTP/1.1 413 "), 0U);
    EXPECT_NE(response.find("{\"error\":\"the body must not be longer than 1048576 bytes\"}"),
              std::string::npos);
}

TEST_F(HttpServerTest, WhatIsNoHttpIsRefusedAndTheConnectionClosed) {
    start();
    auto client = connect();
    client.send("nonsense\r\n\r\n" + get("/smuggled"));
    const auto response = client.read_to_end();
    EXPECT_EQ(response.find("HTTP/1.1 400 Bad Request\r\n"), 0U);
    EXPECT_NE(response.find("\r\nX-Request-Id: "), std::string::npos);
    EXPECT_EQ(response.find("smuggled"), std::string::npos);
}

TEST_F(HttpServerTest, ARequestThatDoesNotComeInTimeIsRefused) {
    start({.read_timeout = 20ms});
    auto client = connect();
    client.send("GET / HT");
    EXPECT_EQ(client.read_to_end().find("HTTP/1.1 408 Request Timeout\r\n"), 0U);
}

TEST_F(HttpServerTest, EachByteDoesNotBuyMoreTime) {
    constexpr std::size_t without_bound = 1U << 30U;
    start({.read_timeout = 20ms, .limits = {.target = without_bound, .head = without_bound, .body = 0}});
    auto client = connect();
    client.send("GET /");
    std::jthread sender([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            client.send("a");
        }
    });
    EXPECT_EQ(client.read_response().find("HTTP/1.1 408 "), 0U);
}

TEST_F(HttpServerTest, NorDoesEachByteOfABody) {
    constexpr std::size_t without_bound = 1U << 30U;
    start({.read_timeout = 20ms, .limits = {.body = without_bound}});
    auto client = connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
    std::jthread sender([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            client.send("a");
        }
    });
    EXPECT_EQ(client.read_response().find("HTTP/1.1 408 "), 0U);
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedWithoutAWord) {
    start({.idle_timeout = 20ms});
    EXPECT_EQ(connect().read_to_end(), "");
}

TEST_F(HttpServerTest, AClientThatTakesNothingIsLeft) {
    start({.max_connections = 1, .write_timeout = 20ms});
    auto client = connect();
    client.take_little();
    client.send(get("/large"));
    waiting.get_future().wait();
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    std::string response;
    while (response.find("HTTP/1.1 200 ") != 0 && std::chrono::steady_clock::now() < give_up) {
        auto next = connect();
        next.send(get("/"));
        response = next.read_response();
    }
    EXPECT_EQ(body_of(response), "/:");
}

TEST_F(HttpServerTest, LongAnswersThatNobodyReadsAreRefusedBeyondABound) {
    HttpServerOptions options;
    options.most_unsent = (64U << 20U) + (512U << 10U);
    options.write_timeout = 1h;
    options.drain_timeout = 10ms;
    start(options);
    auto silent = connect();
    silent.take_little();
    silent.send(get("/large"));
    EXPECT_EQ(silent.read_up_to("\r\n"), "HTTP/1.1 200 OK\r\n") << "it is counted before it is sent";
    auto other = connect();
    other.send(get("/long"));
    const std::string answer = other.read_response();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503")) << answer.substr(0, 300);
    EXPECT_NE(answer.find("Retry-After: 1"), std::string::npos);
    other.send(get("/1"));
    EXPECT_EQ(body_of(other.read_response()), "/1:") << "short ones are sent";
}

TEST_F(HttpServerTest, AFullServerMakesRoomByClosingWhatIsIdle) {
    start({.max_connections = 1});
    auto idle = connect();
    idle.send(get("/1"));
    EXPECT_EQ(body_of(idle.read_response()), "/1:");
    auto second = connect();
    second.send(get("/2"));
    EXPECT_EQ(body_of(second.read_response()), "/2:");
    EXPECT_EQ(idle.read_to_end(), "");
}

TEST_F(HttpServerTest, AServerFullOfWorkSaysSo) {
    start({.max_connections = 1});
    auto busy = connect();
    busy.send(get("/wait"));
    waiting.get_future().wait();
    const auto response = connect().read_to_end();
    EXPECT_EQ(response.find("HTTP/1.1 503 Service Unavailable\r\n"), 0U);
    EXPECT_NE(response.find("\r\nRetry-After: 1\r\n"), std::string::npos);
    gate.set_value();
    EXPECT_EQ(body_of(busy.read_response()), "/wait:");
}

TEST_F(HttpServerTest, StoppingLetsRequestsInFlightFinish) {
    start();
    auto idle = connect();
    idle.send(get("/1"));
    EXPECT_EQ(body_of(idle.read_response()), "/1:");
    auto busy = connect();
    busy.send(get("/wait"));
    waiting.get_future().wait();
    auto stopping = std::async(std::launch::async, [&] { server->stop(); });
    EXPECT_EQ(idle.read_to_end(), "");
    gate.set_value();
    const auto response = busy.read_to_end();
    EXPECT_NE(response.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_EQ(body_of(response), "/wait:");
    stopping.get();
    EXPECT_FALSE(connect().is_connected());
}

TEST_F(HttpServerTest, StoppingDoesNotWaitForASlowClient) {
    start({.drain_timeout = 20ms});
    auto client = connect();
    client.send("GET / HT");
    auto second = connect();
    second.send(get("/1"));
    EXPECT_EQ(body_of(second.read_response()), "/1:");
    server->stop();
    server->stop();
    server.reset();
    EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpServerTest, APortInUseIsSaidInOneLineWithAdvice) {
    HttpServerOptions options;
    options.port = start().port();
    try {
        const HttpServer second(options, [](const IncomingRequest&) { return Response{}; });
        FAIL() << "two servers on one port";
    } catch (const Error& error) {
        EXPECT_EQ(error.what(), "cannot listen on 127.0.0.1:" + std::to_string(options.port) +
                                    ": Address already in use; is another server running? Set "
                                    "http.server.listen_address to another port");
    }
}

TEST_F(HttpServerTest, AnAddressOfAnotherHostIsRefused) {
    EXPECT_THROW(start({.host = "192.0.2.1"}), Error);
    EXPECT_THROW(start({.host = "no such name"}), Error);
}

TEST_F(HttpServerTest, NoHostMeansEveryAddress) {
    start({.host = ""});
    auto client = connect();
    client.send(get("/1"));
    EXPECT_EQ(body_of(client.read_response()), "/1:");
}

TEST_F(HttpServerTest, ManyConnectionsAreServedAtOnce) {
    start();
    std::vector<std::unique_ptr<test::LoopbackClient>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<test::LoopbackClient>(server->port()));
        clients.back()->send(get("/" + std::to_string(i)) + get("/again"));
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
        EXPECT_EQ(body_of(clients[i]->read_response()), "/" + std::to_string(i) + ":");
        EXPECT_EQ(body_of(clients[i]->read_response()), "/again:");
    }
}

}  // namespace
}  // namespace flotilla
