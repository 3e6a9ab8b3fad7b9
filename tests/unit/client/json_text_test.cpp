#include "client/json_text.hpp"

#include <string>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace flotilla {
namespace {

std::string mistake_of(std::string_view text) {
    try {
        std::ignore = parse_json_text(text);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
    return "none";
}

TEST(ParseJsonText, ReadsAValue) {
    EXPECT_EQ(parse_json_text(" {\"a\": 1}\n").at("a").as_int64(), 1);
}

TEST(ParseJsonText, NamesLineAndColumnOfAMistake) {
    EXPECT_THAT(mistake_of("{\n  \"a\": 1,\n  \"b\": oops\n}"),
                testing::StartsWith("malformed JSON at line 3, column 8: "));
    EXPECT_THAT(mistake_of("nope"), testing::StartsWith("malformed JSON at line 1, column "));
}

TEST(ParseJsonText, SaysWhereAnUnfinishedTextEnds) {
    EXPECT_THAT(mistake_of("{\"a\":"), testing::StartsWith("malformed JSON at line 1, column 6: incomplete"));
    EXPECT_THAT(mistake_of(""), testing::StartsWith("malformed JSON at line 1, column 1: incomplete"));
}

TEST(ParseJsonText, RefusesTextAfterTheValue) {
    EXPECT_THAT(mistake_of("{}\nmore"),
                testing::StartsWith("malformed JSON at line 2, column 1: extra data"));
}

TEST(ParseAnswer, TakesOnlyAnObject) {
    EXPECT_EQ(text_member(parse_answer("{\"error\": \"x\"}"), "error"), "x");
    EXPECT_THROW(std::ignore = parse_answer("[]"), Error);
    EXPECT_THROW(std::ignore = parse_answer("<html>"), Error);
}

TEST(TextMember, IsEmptyForWhatIsNotText) {
    const auto answer = parse_answer("{\"number\": 1, \"nothing\": null}");
    EXPECT_EQ(text_member(answer, "number"), "");
    EXPECT_EQ(text_member(answer, "nothing"), "");
    EXPECT_EQ(text_member(answer, "absent"), "");
}

}  // namespace
}  // namespace flotilla
