#include "api/log_event_stream.hpp"

#include <gtest/gtest.h>

#include "api/server_sent_event.hpp"
#include "support/control_plane.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using Then = StreamPart::Then;

TEST(ServerSentEventTest, EachLineIsAField) {
    EXPECT_EQ(event_text({.type = "t", .data = "one\ntwo", .id = "7"}),
              "event: t\nid: 7\ndata: one\ndata: two\n\n");
}

TEST(ServerSentEventTest, TypeAndIdAreLeftOutWhereTheyAreEmpty) {
    EXPECT_EQ(event_text({.data = "x"}), "data: x\n\n");
}

TEST(ServerSentEventTest, NoKindOfLineEndEscapesFromTheData) {
    EXPECT_EQ(event_text({.data = "a\rid: 1\r\nevent: x\n"}),
              "data: a\ndata: id: 1\ndata: event: x\ndata: \n\n");
}

TEST(ServerSentEventTest, EmptyLinesAndBlanksStay) {
    EXPECT_EQ(event_text({.data = "\n  indented\n\n"}), "data: \ndata:   indented\ndata: \ndata: \n\n");
}

struct LogEventStreamTest : testing::Test {
    LogEventStreamTest() {
        plane.run_service.report(run.id, {"RUNNING", {}});
        begin = next().bytes;
    }
    StreamPart next() { return stream.next(now); }
    std::string& log() { return plane.logs.logs[{run.id.value, 1}]; }

    test::ControlPlane plane;
    flotilla::Run run = plane.execute("job");
    LogEventStream stream{plane.log_service.follow(run.id, "")};
    ResponseStream::Moment now{};
    std::string begin;
};

TEST_F(LogEventStreamTest, ItBeginsWithACommentAndHasNoLength) {
    EXPECT_EQ(begin.find(": "), 0U);
    EXPECT_TRUE(begin.ends_with("\nretry: 1000\n\n"));
    EXPECT_FALSE(stream.length());
}

TEST_F(LogEventStreamTest, LinesComeWithTheIdThatGoesOnAfterThem) {
    log() = "one\ntwo\n";
    const auto part = next();
    EXPECT_EQ(part.bytes, "id: 1/8\ndata: one\ndata: two\n\n");
    EXPECT_EQ(part.then, Then::more);
    EXPECT_EQ(next().then, Then::wait);
}

TEST_F(LogEventStreamTest, WhatAProgressBarShowsComesWithoutAnId) {
    log() = "one\n\r 1%\r 2%";
    EXPECT_EQ(next().bytes, "id: 1/4\ndata: one\n\n");
    const auto part = next();
    EXPECT_EQ(part.bytes, "event: unfinished\ndata:  2%\n\n");
    EXPECT_EQ(part.then, Then::more);
    EXPECT_EQ(next().then, Then::wait);
}

TEST_F(LogEventStreamTest, AsJsonLinesAreExact) {
    LogEventStream exact{plane.log_service.follow(run.id, ""), LogEventStream::Form::json};
    std::ignore = exact.next(now);
    log() = "\r 1%\r\n\n\"two\"\n 5%";
    EXPECT_EQ(exact.next(now).bytes, "id: 1/13\ndata: [\"\\r 1%\\r\",\"\",\"\\\"two\\\"\"]\n\n");
    EXPECT_EQ(exact.next(now).bytes, "event: unfinished\ndata: \" 5%\"\n\n");
    plane.logs.cuts_at = 2;
    log() += "\r 6%";
    EXPECT_EQ(exact.next(now).bytes, "event: part\nid: 1/15\ndata: \" 5\"\n\n");
}

TEST_F(LogEventStreamTest, TheEndSaysHowTheRunEnded) {
    plane.run_service.report(run.id, {"STOPPED", 3});
    now += 1s;
    const auto part = next();
    EXPECT_EQ(part.bytes, "event: end\ndata: {\"status\":\"STOPPED\",\"exit_code\":3}\n\n");
    EXPECT_EQ(part.then, Then::end);
}

TEST_F(LogEventStreamTest, AQuietStreamHasAHeartbeat) {
    EXPECT_EQ(next().bytes, "");
    now += 14s;
    EXPECT_EQ(next().bytes, "");
    now += 1s;
    EXPECT_TRUE(stream.is_due(now));
    const auto part = next();
    EXPECT_EQ(part.bytes, ": still here\n\n");
    EXPECT_EQ(part.then, Then::wait);
    EXPECT_EQ(next().bytes, "");
}

}  // namespace
}  // namespace flotilla
