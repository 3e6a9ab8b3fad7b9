#include "api/document/yaml_json.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace flotilla::document {
namespace {

std::string json(const std::string& yaml) {
    return boost::json::serialize(json_from_yaml(yaml));
}

std::string mistake(const std::string& yaml) {
    try {
        return "none, but " + json(yaml);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

TEST(YamlJsonTest, WhatIsNotQuotedMayBeANumberOrABoolean) {
    EXPECT_EQ(json("[1, -5, 2147483648, 0.5, true, false]"), "[1,-5,2147483648,5E-1,true,false]");
    EXPECT_EQ(json("['1', \"true\", 3.1.0, 1.26.x, word, '']"), R"(["1","true","3.1.0","1.26.x","word",""])");
    EXPECT_EQ(json("[2018-11-01, 007, 0x1F, yes]"), R"(["2018-11-01","007","0x1F","yes"])");
}

TEST(YamlJsonTest, MembersKeepTheirOrder) {
    EXPECT_EQ(json("b: 1\na: {d: [], c: {}}\n"), R"({"b":1,"a":{"d":[],"c":{}}})");
    EXPECT_EQ(json("text: |\n  one\n  two\n"), R"({"text":"one\ntwo\n"})");
}

TEST(YamlJsonTest, MistakesSayWhereTheyAre) {
    EXPECT_THAT(mistake("a: 1\na: 2\n"), testing::StartsWith("line 2, column 1: [a] is given twice"));
    EXPECT_THAT(mistake("{a: first, second}"),
                testing::StartsWith("line 1, column 12: [second] has no value"));
    EXPECT_THAT(mistake("a: [1"), testing::StartsWith("line "));
}

}  // namespace
}  // namespace flotilla::document
