#include "base/log_line.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using std::chrono::microseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr TimePoint moment{microseconds{1'764'041'668'123'999}};  // 2025-11-25T03:34:28.123999Z

std::string plain_event(LogFields fields) {
    return log_line(LogFormat::plain, {moment, LogLevel::info, "happened", {}, std::vector(fields)});
}

std::string json_event(LogFields fields) {
    return log_line(LogFormat::json, {moment, LogLevel::info, "happened", {}, std::vector(fields)});
}

std::string plain_message(std::string_view message, LogFields fields = {}) {
    return log_line(LogFormat::plain, {moment, LogLevel::warning, {}, message, std::vector(fields)});
}

TEST(LogLineTest, APlainEventNamesItsFields) {
    EXPECT_EQ(plain_event({{"run_id", "r-1"}, {"attempt", 2}, {"wanted", true}}),
              "2025-11-25T03:34:28.123Z info event=happened run_id=r-1 attempt=2 wanted=true");
}

TEST(LogLineTest, AJsonEventIsOneObject) {
    EXPECT_EQ(json_event({{"run_id", "r-1"}, {"attempt", 2}, {"wanted", false}}),
              R"({"time":"2025-11-25T03:34:28.123Z","level":"info","event":"happened",)"
              R"("run_id":"r-1","attempt":2,"wanted":false})");
}

TEST(LogLineTest, APlainMessageStandsBehindItsFields) {
    EXPECT_EQ(plain_message("cannot submit now", {{"run_id", "r-1"}}),
              "2025-11-25T03:34:28.123Z warning run_id=r-1 cannot submit now");
}

TEST(LogLineTest, AJsonMessageIsAMember) {
    EXPECT_EQ(log_line(LogFormat::json, {moment, LogLevel::error, {}, "it \"failed\"", {}}),
              R"({"time":"2025-11-25T03:34:28.123Z","level":"error","message":"it \"failed\""})");
}

TEST(LogLineTest, DurationsAreMillisecondsWithThreeDigits) {
    EXPECT_THAT(plain_event({{"duration_ms", microseconds{12'045}}}), EndsWith(" duration_ms=12.045"));
    EXPECT_THAT(json_event({{"duration_ms", microseconds{-7}}}), EndsWith(R"("duration_ms":-0.007})"));
}

TEST(LogLineTest, WhatIsNotThereIsLeftOut) {
    const std::optional<std::int64_t> none;
    const std::optional<std::string> some{"x"};
    EXPECT_THAT(plain_event({{"exit_code", none}, {"by", some}}), EndsWith("event=happened by=x"));
    EXPECT_THAT(json_event({{"exit_code", none}, {"by", some}}), EndsWith(R"("happened","by":"x"})"));
}

TEST(LogLineTest, PlainValuesAreQuotedWhereTheyWouldNotEndWhereTheyEnd) {
    EXPECT_THAT(plain_event({{"reason", ""}}), EndsWith(" reason=\"\""));
    EXPECT_THAT(plain_event({{"reason", "out of memory"}}), EndsWith(" reason=\"out of memory\""));
    EXPECT_THAT(plain_event({{"reason", "a=b"}}), EndsWith(" reason=\"a=b\""));
    EXPECT_THAT(plain_event({{"reason", "say \"no\" \\"}}), EndsWith(R"( reason="say \"no\" \\")"));
    EXPECT_THAT(plain_event({{"image", "registry:5000/a/b:1@sha256"}}),
                EndsWith(" image=registry:5000/a/b:1@sha256"));
}

TEST(LogLineTest, WhateverAValueHoldsTheLineIsOne) {
    using namespace std::string_view_literals;
    constexpr std::array hostile{
        "two\nlines"sv,
        "\r\n2025-11-25T00:00:00.000Z error forged"sv,
        "\v\f\x1c\x1d\x1e"sv,
        "\0"sv,
        "\x1b[2J\x7f"sv,               // a terminal would obey
        "\xc2\x85"sv,                  // NEL
        "\xe2\x80\xa8\xe2\x80\xa9"sv,  // line and paragraph separator
    };
    for (const auto text : hostile) {
        for (const std::string& line :
             {plain_event({{"value", text}}), json_event({{"value", text}}), plain_message(text)}) {
            EXPECT_THAT(line, Not(testing::ContainsRegex("[[:cntrl:]]"))) << line;
            EXPECT_THAT(line, Not(HasSubstr("\xc2\x85")));
            EXPECT_THAT(line, Not(HasSubstr("\xe2\x80\xa8")));
            EXPECT_THAT(line, Not(HasSubstr("\xe2\x80\xa9")));
            EXPECT_THAT(line, Not(HasSubstr(std::string_view("\0", 1))));
        }
    }
    EXPECT_THAT(plain_event({{"value", "a\nb\x01\xc2\x85"}}), EndsWith(R"( value="a\nb\u0001\u0085")"));
}

TEST(LogLineTest, TextThatTurnsItsDirectionIsEscaped) {
    EXPECT_THAT(plain_message("admin\xe2\x80\xaenimda"), EndsWith(R"(admin\u202enimda)"));
}

TEST(LogLineTest, BytesThatAreNoTextAreReplaced) {
    EXPECT_THAT(json_event({{"value", "a\xff\xc3"}}), EndsWith("\"value\":\"a\xef\xbf\xbd\xef\xbf\xbd\"}"));
}

TEST(LogLineTest, OtherAlphabetsStayAsTheyAre) {
    EXPECT_THAT(plain_message("Größe \xf0\x9f\x9a\x80"), EndsWith(" Größe \xf0\x9f\x9a\x80"));
}

TEST(LogLineTest, APlainMessageCannotPassForFields) {
    EXPECT_THAT(plain_message("run_id=forged and more=1"), EndsWith(R"( run_id\u003dforged and more=1)"));
    EXPECT_THAT(plain_message("event=x"), EndsWith(R"( event\u003dx)"));
}

TEST(LogLineTest, EveryLevelHasAName) {
    EXPECT_THAT(log_line(LogFormat::plain, {moment, LogLevel::debug, {}, "m", {}}), HasSubstr("Z debug m"));
    EXPECT_THAT(log_line(LogFormat::plain, {moment, LogLevel::info, {}, "m", {}}), HasSubstr("Z info m"));
    EXPECT_THAT(log_line(LogFormat::plain, {moment, LogLevel::warning, {}, "m", {}}),
                HasSubstr("Z warning m"));
    EXPECT_THAT(log_line(LogFormat::plain, {moment, LogLevel::error, {}, "m", {}}), HasSubstr("Z error m"));
}

}  // namespace
}  // namespace flotilla
