#include "wire/json_writer.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

std::string text_json(std::string_view text) {
    return JsonWriter().text(text).finish();
}

TEST(JsonWriterTest, CommasStandBetweenMembersAndElementsOnly) {
    JsonWriter out;
    out.begin_object()
        .member("a", 1)
        .key("b")
        .begin_list()
        .integer(2)
        .boolean(true)
        .begin_object()
        .end_object();
    out.begin_list().end_list().end_list().member("c", "d").end_object();
    EXPECT_EQ(out.finish(), "{\"a\":1,\"b\":[2,true,{},[]],\"c\":\"d\"}\n");
}

TEST(JsonWriterTest, WhatJsonCannotHoldIsEscaped) {
    EXPECT_EQ(text_json("\"\\\n\r\t\x01\x1f/"), "\"\\\"\\\\\\n\\r\\t\\u0001\\u001f/\"\n");
    EXPECT_EQ(text_json(std::string_view("\0", 1)), "\"\\u0000\"\n");
}

TEST(JsonWriterTest, OtherAlphabetsStandAsTheyAre) {
    EXPECT_EQ(text_json("\u00e9\u20ac\U0001F600"), "\"\u00e9\u20ac\U0001F600\"\n");
}

TEST(JsonWriterTest, BytesThatAreNotUtf8ComeAsReplacementCharacters) {
    EXPECT_EQ(text_json("a\xE9z\xC3"), "\"a\uFFFDz\uFFFD\"\n");
}

TEST(JsonWriterTest, IntegersOfEverySizeAreWritten) {
    EXPECT_EQ(JsonWriter().integer(std::numeric_limits<std::int64_t>::min()).finish(),
              "-9223372036854775808\n");
    EXPECT_EQ(JsonWriter().integer(std::numeric_limits<std::int64_t>::max()).finish(),
              "9223372036854775807\n");
}

TEST(JsonWriterTest, AnEmptyMemberCanBeLeftOut) {
    JsonWriter out;
    out.begin_object().member_unless_empty("a", "").member_unless_empty("b", "c").end_object();
    EXPECT_EQ(out.finish(), "{\"b\":\"c\"}\n");
}

}  // namespace
}  // namespace flotilla
