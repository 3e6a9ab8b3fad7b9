#include "api/log_api.hpp"

#include <gtest/gtest.h>

#include "support/control_plane.hpp"

namespace flotilla {
namespace {

/// A run that is `RUNNING` and has written ten bytes, two of them no text.
struct LogApiTest : testing::Test {
    LogApiTest() {
        add_log_routes(router, plane.log_service);
        plane.run_service.report(run.id, {"RUNNING", {}});
        plane.logs.logs[{run.id.value, 1}] = bytes;
    }
    Response send(HttpVerb verb, const std::string& query, Headers headers = {}) {
        IncomingRequest request{.verb = verb,
                                .target = "/api/v1/" + run.id.value + "/logs" + query,
                                .headers = std::move(headers),
                                .body = {}};
        Handling handling;
        return router.answer(request, handling);
    }
    Response get(const std::string& query, Headers headers = {}) {
        return send(HttpVerb::get, query, std::move(headers));
    }
    Response range(const std::string& wanted) { return get("?raw", {{"Range", wanted}}); }
    static std::string body(Response& response) {
        std::string all;
        while (response.stream) {
            const StreamPart part = response.stream->next({});
            all += part.bytes;
            if (part.then == StreamPart::Then::end) {
                response.stream.reset();
            }
        }
        return all;
    }
    static std::string header(const Response& response, std::string_view name) {
        return std::string(find_header(response.headers, name).value_or("none"));
    }

    const std::string bytes{"one\n\xff\0two\n", 10};
    test::ControlPlane plane;
    flotilla::Run run = plane.execute("job");
    Authentication nobody_is_asked{nullptr};
    Router router{nobody_is_asked};
};

TEST_F(LogApiTest, RawIsTheBytesAsTheyAre) {
    for (const char* query : {"?raw", "?raw=", "?raw=1", "?raw=false", "?attempt=1&raw"}) {
        auto response = get(query);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.stream->length(), 10U);
        EXPECT_EQ(body(response), bytes) << query;
        EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
        EXPECT_EQ(header(response, "Accept-Ranges"), "bytes");
        EXPECT_EQ(header(response, "Content-Disposition"), "inline; filename=\"" + run.id.value + ".log\"");
    }
}

TEST_F(LogApiTest, BeforeTheRunIsRunningRawIsEmpty) {
    run = plane.execute("other");
    const auto response = get("?raw");
    EXPECT_EQ(response.status, 200);
    EXPECT_FALSE(response.stream);
    EXPECT_EQ(response.body, "");
}

TEST_F(LogApiTest, ARangeIsAnsweredWithThatPart) {
    auto response = range("bytes=3-5");
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(header(response, "Content-Range"), "bytes 3-5/10");
    EXPECT_EQ(response.stream->length(), 3U);
    EXPECT_EQ(body(response), bytes.substr(3, 3));
    auto end = range("bytes=-4");
    EXPECT_EQ(body(end), "two\n");
}

TEST_F(LogApiTest, ARangeBeyondTheEndIsRefusedWithTheSize) {
    const auto response = range("bytes=10-");
    EXPECT_EQ(response.status, 416);
    EXPECT_EQ(header(response, "Content-Range"), "bytes */10");
    EXPECT_EQ(response.body, "{\"error\":\"the log has 10 bytes\"}\n");
}

TEST_F(LogApiTest, SeveralRangesAreAnsweredWithAll) {
    auto response = range("bytes=0-1,3-4");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(body(response), bytes);
    EXPECT_EQ(get("?raw", {{"Range", "bytes=0-1"}, {"Range", "bytes=3-4"}}).status, 200);
}

TEST_F(LogApiTest, HeadHasNoRanges) {
    const auto response = send(HttpVerb::head, "?raw", {{"Range", "bytes=0-1"}});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.stream->length(), 10U);
}

TEST_F(LogApiTest, ARangeOfAnOlderLogIsHonouredOnlyWhileItIsTheSame) {
    const auto tag = header(get("?raw"), "ETag");
    const auto status = [&](const std::string& condition) {
        return get("?raw", {{"Range", "bytes=0-1"}, {"If-Range", condition}}).status;
    };
    EXPECT_EQ(status(tag), 206);
    EXPECT_EQ(status("W/" + tag), 200);
    EXPECT_EQ(status("\"other\""), 200);
    EXPECT_EQ(status("Sun, 06 Nov 1994 08:49:37 GMT"), 200);
    plane.logs.logs[{run.id.value, 1}] += "more";
    EXPECT_EQ(status(tag), 200);
}

TEST_F(LogApiTest, WhatCannotBeReadIsSaid) {
    EXPECT_EQ(get("?raw&last_seen=1/0").status, 400);
    EXPECT_EQ(get("?last_seen=x").status, 400);
    EXPECT_EQ(get("/stream?last_seen=x").status, 400);
    EXPECT_EQ(get("/stream", {{"Last-Event-ID", "x"}}).status, 400);
    for (const char* attempt : {"", "x", "1x", "99999999999"}) {
        EXPECT_EQ(get(std::string("?attempt=") + attempt).status, 400) << attempt;
        EXPECT_EQ(get(std::string("?raw&attempt=") + attempt).status, 400) << attempt;
    }
    EXPECT_EQ(get("?attempt=2").status, 404);
    EXPECT_EQ(get("?raw&attempt=0").status, 404);
    run.id.value = "nope";
    for (const char* query : {"", "?raw", "/stream"}) {
        EXPECT_EQ(get(query).status, 404) << query;
    }
}

TEST_F(LogApiTest, AStreamGoesOnAfterTheHeaderRatherThanTheQuery) {
    const auto first_event = [&](const std::string& query, Headers headers) {
        auto response = get("/stream" + query, std::move(headers));
        EXPECT_EQ(response.content_type, "text/event-stream");
        static_cast<void>(response.stream->next({}));
        return response.stream->next({}).bytes;
    };
    plane.logs.logs[{run.id.value, 1}] = "one\ntwo\nsix\n";
    EXPECT_EQ(first_event("", {}), "id: 1/12\ndata: one\ndata: two\ndata: six\n\n");
    EXPECT_EQ(first_event("?last_seen=1/4", {}), "id: 1/12\ndata: two\ndata: six\n\n");
    EXPECT_EQ(first_event("?last_seen=1/4", {{"Last-Event-ID", "1/8"}}), "id: 1/12\ndata: six\n\n");
    EXPECT_EQ(first_event("?last_seen=1/4", {{"Last-Event-ID", ""}}), "id: 1/12\ndata: two\ndata: six\n\n");
}

}  // namespace
}  // namespace flotilla
