#include "api/request_reader.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

struct RequestReaderTest : testing::Test {
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto space = reader.space();
            const std::size_t count = std::min(space.size(), bytes.size());
            std::copy_n(bytes.begin(), count, space.begin());
            reader.received(count);
            bytes.remove_prefix(count);
        }
    }
    IncomingRequest request() {
        auto outcome = reader.next();
        const auto* received = std::get_if<ReceivedRequest>(&outcome);
        if (received == nullptr) {
            ADD_FAILURE() << "no request";
            return {};
        }
        return received->request;
    }
    int refusal() {
        auto outcome = reader.next();
        const auto* refused = std::get_if<RefusedRequest>(&outcome);
        return refused == nullptr ? 0 : refused->status;
    }
    bool needs_more() { return std::holds_alternative<NeedsMore>(reader.next()); }

    RequestReader reader{{.target = 100, .head = 400, .body = 20}};
};

constexpr std::string_view get_request = "GET /a?b HTTP/1.1\r\nHost: h\r\nX-One: 1\r\n\r\n";

TEST_F(RequestReaderTest, ARequestIsTakenApart) {
    EXPECT_TRUE(reader.is_idle());
    send(get_request);
    EXPECT_FALSE(reader.is_idle());
    const auto got = request();
    EXPECT_EQ(got.verb, HttpVerb::get);
    EXPECT_EQ(got.target, "/a?b");
    EXPECT_EQ(find_header(got.headers, "x-one"), "1");
    EXPECT_TRUE(reader.is_idle());
}

TEST_F(RequestReaderTest, EveryByteMayComeAlone) {
    const std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
        send(bytes.substr(i, 1));
        ASSERT_TRUE(needs_more()) << i;
        EXPECT_FALSE(reader.is_idle());
    }
    send("c");
    EXPECT_EQ(request().body, "abc");
}

TEST_F(RequestReaderTest, ARequestMayBreakAnywhere) {
    const std::string bytes =
        "\r\nPOST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        send(bytes.substr(0, i));
        ASSERT_TRUE(needs_more()) << i;
        send(bytes.substr(i));
        EXPECT_EQ(request().body, "abc") << i;
        EXPECT_TRUE(reader.is_idle()) << i;
    }
}

TEST_F(RequestReaderTest, RequestsThatComeTogetherAreTakenInTurn) {
    send("PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na");
    send("\r\nDELETE /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    send(get_request);
    EXPECT_EQ(request().body, "a");
    EXPECT_EQ(request().target, "/2");
    EXPECT_EQ(request().target, "/a?b");
    EXPECT_TRUE(needs_more());
}

TEST_F(RequestReaderTest, ChunkedBodiesArePutTogether) {
    send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n");
    send("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n");
    send(get_request);
    EXPECT_EQ(request().body, "abcde");
    EXPECT_EQ(request().target, "/a?b");
}

TEST_F(RequestReaderTest, EveryByteOfAChunkedBodyMayComeAlone) {
    for (const std::string body : {"", "1\r\na\r\n", "2;x=y\r\nab\r\n1\r\nc\r\n"}) {
        const std::string bytes = body + "0\r\n\r\n";
        send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (const char c : bytes) {
            ASSERT_TRUE(needs_more());
            send({&c, 1});
        }
        EXPECT_EQ(request().verb, HttpVerb::put);
    }
}

TEST_F(RequestReaderTest, WhatFollowsAChunkedBodyIsNoHeader) {
    send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    send("1\r\na\r\n0\r\nOrigin: http://h\r\nHost: evil\r\n\r\n");
    const auto got = request();
    EXPECT_EQ(got.body, "a");
    EXPECT_EQ(find_header(got.headers, "Host"), "h");
    EXPECT_FALSE(find_header(got.headers, "Origin"));
}

TEST_F(RequestReaderTest, TheConnectionGoesOnUnlessTheClientSaysOtherwise) {
    const auto keep_alive = [&](std::string_view bytes) {
        send(bytes);
        return std::get<ReceivedRequest>(reader.next()).keep_alive;
    };
    EXPECT_TRUE(keep_alive(get_request));
    EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    EXPECT_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_F(RequestReaderTest, AClientThatWaitsIsToldToContinueOnce) {
    send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(std::holds_alternative<ExpectsContinue>(reader.next()));
    EXPECT_TRUE(needs_more());
    send("abc");
    EXPECT_EQ(request().body, "abc");
}

TEST_F(RequestReaderTest, AClientThatDoesNotWaitIsNotToldToContinue) {
    send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc");
    EXPECT_EQ(request().body, "abc");
}

TEST_F(RequestReaderTest, WhatIsTooLargeIsRefused) {
    send("GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(refusal(), 414);
}

TEST_F(RequestReaderTest, AnEndlessTargetIsRefusedBeforeItsEnd) {
    send("GET /" + std::string(500, 'a'));
    EXPECT_EQ(refusal(), 414);
}

TEST_F(RequestReaderTest, EndlessHeadersAreRefused) {
    send("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(500, 'a'));
    EXPECT_EQ(refusal(), 431);
}

TEST_F(RequestReaderTest, ManySmallHeadersAreCountedTogether) {
    send("GET / HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 35; ++i) {
        ASSERT_TRUE(needs_more()) << i;
        send("X: 456789\r\n");
    }
    EXPECT_EQ(refusal(), 431);
}

TEST_F(RequestReaderTest, AHeadThatFillsTheLimitIsTaken) {
    const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    send(start + std::string(400 - start.size(), 'a') + "\r\n\r\n");
    EXPECT_EQ(request().target, "/");
}

TEST_F(RequestReaderTest, AHeadThatFillsTheLimitIsTakenHoweverItComes) {
    const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    const std::string head = start + std::string(400 - start.size(), 'x') + "\r\n\r\n";
    for (const char c : head.substr(0, head.size() - 1)) {
        send({&c, 1});
        ASSERT_TRUE(needs_more());
    }
    send("\n");
    EXPECT_EQ(request().target, "/");
    send(head.substr(0, 400) + "xxxx");  // these four cannot be the end of a head within the limit
    EXPECT_EQ(refusal(), 431);
}

TEST_F(RequestReaderTest, ABodyThatSaysItIsTooLongIsRefusedUnseen) {
    send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 21\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(refusal(), 413);
}

TEST_F(RequestReaderTest, AChunkedBodyThatGrowsTooLongIsRefused) {
    send(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
        "chunked\r\n\r\na\r\n0123456789\r\nb\r\n0123456789x\r\n");
    EXPECT_EQ(refusal(), 413);
}

TEST_F(RequestReaderTest, AnEndlessChunkLineIsRefused) {
    send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(500, 'a'));
    EXPECT_EQ(refusal(), 400);
}

TEST_F(RequestReaderTest, AClientThatSpeaksTlsIsToldAtItsFirstByte) {
    send("\x16");
    const auto outcome = reader.next();
    const auto* refused = std::get_if<RefusedRequest>(&outcome);
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->status, 400);
    EXPECT_NE(refused->message.find("plain HTTP"), std::string::npos);
}

TEST_F(RequestReaderTest, ALineThatEndsInLfAloneIsRefusedAtOnce) {
    for (const std::string_view bytes : {"GET / HTTP/1.1\n", "\n", "GET / HTTP/1.1\r\nHost: h\n"}) {
        RequestReader fresh{{}};
        std::copy(bytes.begin(), bytes.end(), fresh.space().begin());
        fresh.received(bytes.size());
        const auto outcome = fresh.next();
        const auto* refused = std::get_if<RefusedRequest>(&outcome);
        ASSERT_NE(refused, nullptr) << bytes;
        EXPECT_EQ(refused->status, 400);
        EXPECT_EQ(refused->message, "malformed HTTP request: its lines must end in CR LF");
    }
    send("GET / HTTP/1.1\r");
    EXPECT_TRUE(needs_more());
    send("\nHost: h");
    EXPECT_TRUE(needs_more());
    send("\n");
    EXPECT_EQ(refusal(), 400);
}

TEST_F(RequestReaderTest, ABodyMayHaveLfAlone) {
    send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\na\n\nb");
    EXPECT_EQ(request().body, "a\n\nb");
}

struct MalformedRequestTest : RequestReaderTest, testing::WithParamInterface<const char*> {};

TEST_P(MalformedRequestTest, IsRefused) {
    send(std::string(GetParam()) + "\r\n\r\n0\r\n\r\n");
    EXPECT_EQ(refusal(), 400);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, MalformedRequestTest,
    testing::Values("GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\nHost: b", "GET / HTTP/2.0\r\nHost: h",
                    "nonsense", "GET /a b HTTP/1.1\r\nHost: h", "GET / HTTP/1.1\r\nHost : h",
                    "GET / HTTP/1.1\r\n: x\r\nHost: h", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b",
                    "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb", "GET / HTTP/1.1\r\n X: a\r\nHost: h",
                    "GET / HTTP/1.1\nHost: h", "GET / HTTP/1.1\r\nHost: h\nX: a",
                    "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb", "GET /a\rb HTTP/1.1\r\nHost: h",
                    "GET / HTTP/1.1\r\nHost: h\r\nX: a\001b", "GET\t/ HTTP/1.1\r\nHost: h",
                    "GET  / HTTP/1.1\r\nHost: h", "GET /", "GET / HTTP/1.2\r\nHost: h",
                    // What two servers could read differently (RFC 9112, section 11.2).
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \013chunked",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \"chunked\"",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked;q=1",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551618",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1 2",
                    "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked"));

TEST_F(RequestReaderTest, AnUnknownExpectationIsRefused) {
    send("GET / HTTP/1.1\r\nHost: h\r\nExpect: more\r\n\r\n");
    EXPECT_EQ(refusal(), 417);
}

TEST_F(RequestReaderTest, ANulIsRefused) {
    using namespace std::string_view_literals;
    send("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"sv);
    EXPECT_EQ(refusal(), 400);
}

struct MalformedChunksTest : RequestReaderTest, testing::WithParamInterface<const char*> {};

TEST_P(MalformedChunksTest, AreRefused) {
    send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    send(std::string(GetParam()) + "\r\n0\r\n\r\n");
    EXPECT_EQ(refusal(), 400);
}

INSTANTIATE_TEST_SUITE_P(Forms, MalformedChunksTest,
                         testing::Values("xyz\r\nab", "-2\r\nab", "+2\r\nab", "0x2\r\nab", " 2\r\nab",
                                         "2 \r\nab", "\r\nab", "2\nab", "2;\nab", "2;a\rb\r\nab",
                                         "2\r\nab\n1\r\na", "1\r\nab", "10000000000000002\r\nab",
                                         "2\r\nab\r\n0\r\nX : y", "2\r\nab\r\n0\r\nContent-Length: 5",
                                         "2\r\nab\r\n0\r\nX: y\n"));

}  // namespace
}  // namespace flotilla
