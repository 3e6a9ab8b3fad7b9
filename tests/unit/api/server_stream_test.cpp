#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "api/server.hpp"
#include "base/guarded.hpp"
#include "loopback_client.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using Then = StreamPart::Then;

/// What a test says while a stream is open.
struct Script {
    Guarded<std::vector<StreamPart>> parts;  // what `next` gives, in order; then it waits
    std::atomic<bool> is_due = false;
    std::atomic<bool> breaks = false;
    std::atomic<int> alive = 0;
    std::optional<std::uint64_t> length{};

    void say(std::string bytes, Then then) {
        parts.lock()->push_back({std::move(bytes), then});
        is_due = true;
    }
};

class ScriptedStream final : public ResponseStream {
public:
    explicit ScriptedStream(Script& script) : script_(script) { ++script_.alive; }
    ~ScriptedStream() override { --script_.alive; }
    StreamPart next(Moment) override {
        if (script_.breaks) {
            throw std::runtime_error("no more");
        }
        auto parts = script_.parts.lock();
        if (parts->empty()) {
            script_.is_due = false;
            return {{}, Then::wait};
        }
        StreamPart part = parts->front();
        parts->erase(parts->begin());
        return part;
    }
    bool is_due(Moment) override { return script_.is_due; }
    std::optional<std::uint64_t> length() const override { return script_.length; }

private:
    Script& script_;
};

/// `/stream` is answered as the script says, anything else with its target.
struct HttpServerStreamTest : testing::Test {
    HttpServer& start(HttpServerOptions options = {}) {
        options.port = 0;
        options.threads = 2;
        server.emplace(options, [this](const IncomingRequest& request) {
            Response response = json_response(request.target);
            if (request.target == "/stream") {
                response.stream = std::make_unique<ScriptedStream>(script);
            }
            return response;
        });
        return *server;
    }
    test::LoopbackClient connect() { return test::LoopbackClient(server->port()); }
    static std::string get(const std::string& target) {
        return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }
    /// A client that reads a stream and has its head and first part.
    test::LoopbackClient open_stream() {
        script.say("first", Then::more);
        auto client = connect();
        client.send(get("/stream"));
        std::string head = client.read_response();
        // Where the machine pauses for longer than a test's timeout, the request comes too late.
        for (int again = 0; head.find(" 200 OK\r\n") == std::string::npos && again < 10; ++again) {
            client = connect();
            client.send(get("/stream"));
            head = client.read_response();
        }
        EXPECT_NE(head.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
        EXPECT_EQ(client.read_up_to("\r\nfirst\r\n"), "5\r\nfirst\r\n");
        return client;
    }
    void wait_until_no_stream_is_left() {
        const auto give_up = std::chrono::steady_clock::now() + 10s;
        while (script.alive > 0 && std::chrono::steady_clock::now() < give_up) {
            std::this_thread::yield();
        }
        EXPECT_EQ(script.alive, 0);
    }

    Script script;
    std::optional<HttpServer> server;
};

TEST_F(HttpServerStreamTest, PartsComeAsChunksAsSoonAsTheyAreThere) {
    start();
    auto client = open_stream();
    script.say("second", Then::wait);
    EXPECT_EQ(client.read_up_to("second\r\n"), "6\r\nsecond\r\n");
    script.say("", Then::wait);
    script.say("last", Then::end);
    EXPECT_EQ(client.read_up_to("0\r\n\r\n"), "4\r\nlast\r\n0\r\n\r\n");
}

TEST_F(HttpServerStreamTest, TheConnectionServesTheNextRequestAfterAStream) {
    start();
    auto client = open_stream();
    script.say("", Then::end);
    client.send(get("/next"));
    EXPECT_EQ(client.read_up_to("0\r\n\r\n"), "0\r\n\r\n");
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n/next"));
}

TEST_F(HttpServerStreamTest, AnOldClientReadsUntilTheConnectionIsClosed) {
    start();
    script.say("first", Then::more);
    script.say("last", Then::end);
    auto client = connect();
    client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto response = client.read_to_end();
    EXPECT_EQ(response.find("Transfer-Encoding"), std::string::npos);
    EXPECT_EQ(response.find("Content-Length"), std::string::npos);
    EXPECT_NE(response.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_TRUE(response.ends_with("\r\n\r\nfirstlast"));
}

TEST_F(HttpServerStreamTest, HeadOpensNoStream) {
    start();
    auto client = connect();
    client.send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n" + get("/next"));
    EXPECT_NE(client.read_response(false).find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n/next"));
}

TEST_F(HttpServerStreamTest, AStreamWithALengthIsNotChunked) {
    script.length = 9;
    script.say("first", Then::more);
    script.say("last", Then::end);
    start();
    auto client = connect();
    client.send(get("/stream") + get("/next"));
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nfirstlast"));
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n/next"));
}

TEST_F(HttpServerStreamTest, AStreamThatBreaksOffIsNotEndedAsIfItWereWhole) {
    start();
    auto client = open_stream();
    script.breaks = true;
    script.is_due = true;
    EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpServerStreamTest, AnOpenStreamIsNeitherIdleNorLate) {
    start({.max_connections = 1, .read_timeout = 20ms, .write_timeout = 20ms, .idle_timeout = 20ms});
    auto client = open_stream();
    EXPECT_EQ(connect().read_to_end().find("HTTP/1.1 503 "), 0U);
    const auto later = std::chrono::steady_clock::now() + 100ms;
    while (std::chrono::steady_clock::now() < later) {
        script.say("x", Then::wait);
        EXPECT_EQ(client.read_up_to("x\r\n"), "1\r\nx\r\n");
    }
}

TEST_F(HttpServerStreamTest, AStreamWhoseClientLeftIsEndedThoughItHasNothingToSay) {
    start({.idle_timeout = 20ms});
    { auto client = open_stream(); }
    wait_until_no_stream_is_left();
}

TEST_F(HttpServerStreamTest, AStreamWhoseClientTakesNothingIsEnded) {
    start({.write_timeout = 20ms});
    auto client = connect();
    client.take_little();
    script.say(std::string(64U << 20U, 'x'), Then::more);
    client.send(get("/stream"));
    EXPECT_EQ(client.read_response().find("HTTP/1.1 200 OK\r\n"), 0U);
    wait_until_no_stream_is_left();
}

TEST_F(HttpServerStreamTest, StoppingEndsStreamsInOrder) {
    start({.drain_timeout = 60s});
    auto client = open_stream();
    auto stopping = std::async(std::launch::async, [&] { server->stop(); });
    EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
    stopping.get();
    EXPECT_EQ(script.alive, 0);
}

TEST_F(HttpServerStreamTest, ManyStreamsNeedNoThreadEach) {
    start();
    script.say("", Then::wait);
    std::vector<std::unique_ptr<test::LoopbackClient>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<test::LoopbackClient>(server->port()));
        clients.back()->send(get("/stream"));
        clients.back()->read_response();
    }
    EXPECT_EQ(script.alive, 200);
    auto other = connect();
    other.send(get("/other"));
    EXPECT_TRUE(other.read_response().ends_with("/other"));
    {
        auto parts = script.parts.lock();
        for (int i = 0; i < 200; ++i) {
            parts->push_back({"end", Then::end});
        }
    }
    script.is_due = true;
    for (const auto& client : clients) {
        EXPECT_EQ(client->read_up_to("0\r\n\r\n"), "3\r\nend\r\n0\r\n\r\n");
    }
}

}  // namespace
}  // namespace flotilla
