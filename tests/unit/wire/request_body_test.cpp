#include "wire/request_body.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace flotilla {
namespace {

/// The message with which `read` refuses; empty if it does not.
template <typename Read>
std::string refusal(Read read) {
    try {
        static_cast<void>(read());
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
}

std::string update_refusal(std::string_view body) {
    return refusal([&] { return definition_update_from_json(body); });
}

TEST(DefinitionBodyTest, EveryFieldIsRead) {
    const auto fields =
        new_definition_from_json(R"({"alias": "a", "group_name": "g", "image": "i", "memory": 512,
        "command": "c", "user": "u", "env": [{"name": "X", "value": "1"}, {"name": "Y"}, {"name": "X", "value": null}],
        "ports": [80, 443], "tags": ["t1", "t2"]})");
    EXPECT_EQ(fields.alias, "a");
    EXPECT_EQ(fields.group_name, "g");
    EXPECT_EQ(fields.image, "i");
    EXPECT_EQ(fields.memory, 512);
    EXPECT_EQ(fields.command, "c");
    EXPECT_EQ(fields.user, "u");
    EXPECT_EQ(fields.env, (Env{{"X", "1"}, {"Y", ""}, {"X", ""}}));
    EXPECT_EQ(fields.ports, (std::vector<int>{80, 443}));
    EXPECT_EQ(fields.tags, (std::vector<std::string>{"t1", "t2"}));
}

TEST(DefinitionBodyTest, AbsentAndNullFieldsAreTheSame) {
    for (const char* body :
         {"{}", R"({"alias": null, "memory": null, "env": null, "ports": null, "tags": null})"}) {
        const auto fields = definition_update_from_json(body);
        EXPECT_FALSE(fields.alias);
        EXPECT_FALSE(fields.memory);
        EXPECT_FALSE(fields.env);
        EXPECT_FALSE(fields.ports);
        EXPECT_FALSE(fields.tags);
    }
}

TEST(DefinitionBodyTest, AnEmptyListIsNotAbsent) {
    const auto fields = definition_update_from_json(R"({"env": [], "ports": [], "tags": []})");
    EXPECT_EQ(fields.env, Env{});
    EXPECT_EQ(fields.ports, std::vector<int>{});
    EXPECT_EQ(fields.tags, std::vector<std::string>{});
}

TEST(DefinitionBodyTest, NullIsAnEmptyDefinitionButNoUpdate) {
    EXPECT_FALSE(new_definition_from_json("null").alias);
    EXPECT_EQ(update_refusal("null"), "the request body must be a JSON object, was null");
}

TEST(DefinitionBodyTest, OtherValuesThanObjectsAreRefused) {
    EXPECT_EQ(refusal([] { return new_definition_from_json("[]"); }),
              "the request body must be a JSON object, was a list");
    EXPECT_EQ(update_refusal("\"x\""), "the request body must be a JSON object, was a string");
    EXPECT_EQ(update_refusal("true"), "the request body must be a JSON object, was a boolean");
}

TEST(DefinitionBodyTest, OnlyWholeNumbersAreTaken) {
    const std::string not_whole =
        "memory must be a whole number, was a number with a fraction, an exponent or too many digits";
    EXPECT_EQ(update_refusal(R"({"memory": 512.0})"), not_whole);
    EXPECT_EQ(update_refusal(R"({"memory": 5e2})"), not_whole);
    EXPECT_EQ(update_refusal(R"({"memory": 99999999999999999999})"), not_whole);
    EXPECT_EQ(update_refusal(R"({"memory": "512"})"), "memory must be a whole number, was a string");
    EXPECT_EQ(update_refusal(R"({"memory": true})"), "memory must be a whole number, was a boolean");
    EXPECT_NE(update_refusal(R"({"memory": 9223372036854775808})").find("memory must be between"),
              std::string::npos);
    EXPECT_EQ(definition_update_from_json(R"({"memory": -5})").memory, -5);
}

TEST(DefinitionBodyTest, WrongTypesAreNamedWithTheirPlace) {
    EXPECT_EQ(update_refusal(R"({"alias": 5})"), "alias must be a string, was a number");
    EXPECT_EQ(update_refusal(R"({"env": {"a": "b"}})"), "env must be a list, was an object");
    EXPECT_EQ(update_refusal(R"({"env": [null]})"), "env[0] must be an object, was null");
    EXPECT_EQ(update_refusal(R"({"env": [{"name": "X", "value": 1}]})"),
              "env[0].value must be a string, was a number");
    EXPECT_EQ(update_refusal(R"({"ports": [80, "81"]})"), "ports[1] must be a whole number, was a string");
    EXPECT_EQ(update_refusal(R"({"ports": [null]})"), "ports[0] must be a whole number, was null");
    EXPECT_NE(update_refusal(R"({"ports": [99999999999]})").find("ports[0] must be between"),
              std::string::npos);
    EXPECT_EQ(update_refusal(R"({"tags": ["a", null]})"), "tags[1] must be a string, was null");
}

TEST(DefinitionBodyTest, AllThatIsWrongIsTold) {
    EXPECT_EQ(
        update_refusal(R"({"Alias": "a", "image": 5, "memory": "512", "env": [{"name": 1, "value": 2}, null],
                                 "ports": [80, "81"], "tags": "t", "labels": {"a": 1}})"),
        "unknown field [Alias]: did you mean [alias]?\n"
        "image must be a string, was a number\n"
        "memory must be a whole number, was a string\n"
        "env[0].name must be a string, was a number\n"
        "env[0].value must be a string, was a number\n"
        "env[1] must be an object, was null\n"
        "ports[1] must be a whole number, was a string\n"
        "tags must be a list, was a string\n"
        "labels.a must be a string, was a number");
}

TEST(DefinitionBodyTest, OfVeryManyMistakesTheFirstAreTold) {
    std::string tags = "0";
    for (int count = 1; count < 100'000; ++count) {
        tags += ",0";
    }
    const std::string message = update_refusal("{\"tags\": [" + tags + "]}");
    EXPECT_EQ(message.find("tags[0] must be a string, was a number\ntags[1] must"), 0U);
    EXPECT_NE(message.find("\ntags[19] must be a string, was a number\nand 99980 more of this kind"),
              std::string::npos);
}

TEST(DefinitionBodyTest, AKeyInAnotherCaseIsRefused) {
    EXPECT_EQ(update_refusal(R"({"Alias": "x"})"), "unknown field [Alias]: did you mean [alias]?");
    EXPECT_EQ(update_refusal(R"({"alias": "x", "ALIAS": "y"})"),
              "unknown field [ALIAS]: did you mean [alias]?");
    EXPECT_EQ(update_refusal(R"({"Arn": "x"})"), "unknown field [Arn]: did you mean [arn]?");
    EXPECT_EQ(update_refusal(R"({"env": [{"Name": "x"}]})"),
              "unknown field [env[0].Name]: did you mean [env[0].name]?");
}

TEST(DefinitionBodyTest, UnknownKeysAndIdsAreIgnoredWhateverTheyHold) {
    const auto fields = definition_update_from_json(
        R"({"zzz": {"a": [1.5, null]}, "definition_id": 1, "arn": [], "container_name": {}, "alias": "a"})");
    EXPECT_EQ(fields.alias, "a");
}

TEST(DefinitionBodyTest, TheLastOfARepeatedKeyCounts) {
    EXPECT_EQ(definition_update_from_json(R"({"image": "b:1", "image": "b:2"})").image, "b:2");
    EXPECT_EQ(
        definition_update_from_json(R"({"image": "1", "a": 1, "image": "2", "b": 2, "image": "3"})").image,
        "3");
    EXPECT_FALSE(definition_update_from_json(R"({"image": "1", "image": null})").image);
}

TEST(StrictJsonTest, MalformedTextIsRefusedWithItsPlace) {
    EXPECT_EQ(update_refusal(""), "the request body is empty: it must be a JSON object");
    EXPECT_EQ(update_refusal(" \n"), "the request body is empty: it must be a JSON object");
    EXPECT_EQ(update_refusal("{\"alias\":"), "malformed JSON: it ends too early");
    EXPECT_EQ(update_refusal("{alias:1}").find("malformed JSON at byte 1: "), 0U);
    EXPECT_EQ(update_refusal("{} }garbage"), "malformed JSON at byte 3: there is text after the value");
    EXPECT_NE(update_refusal("{\"a\":1,}"), "");
    EXPECT_NE(update_refusal("{'a':1}"), "");
    EXPECT_NE(update_refusal("{\"a\":NaN}"), "");
    EXPECT_NE(update_refusal("{\"a\":01}"), "");
    EXPECT_NE(update_refusal("/* */{}"), "");
    EXPECT_EQ(update_refusal("{}  \n"), "");
}

TEST(StrictJsonTest, TextThatIsNoUnicodeIsRefused) {
    EXPECT_NE(update_refusal("{\"alias\":\"a\xFF\"}"), "");
    EXPECT_NE(update_refusal(R"({"alias":"a\ud800"})"), "");
    EXPECT_NE(update_refusal(R"({"alias":"a\ud800\u0041"})"), "");
    EXPECT_NE(update_refusal(R"({"alias":"a\udc00"})"), "");
    EXPECT_EQ(definition_update_from_json(R"({"alias":"\ud83d\ude00"})").alias, "\U0001F600");
}

TEST(StrictJsonTest, NulIsRefusedWhereverItStands) {
    const std::string message = "malformed JSON: strings must not contain NUL (\\u0000)";
    EXPECT_EQ(update_refusal(R"({"command":"a\u0000b"})"), message);
    EXPECT_EQ(update_refusal(R"({"other":[{"a\u0000":1}]})"), message);
    EXPECT_NE(update_refusal(std::string("{\"command\":\"a\0b\"}", 17)), "");
}

TEST(StrictJsonTest, SixtyFourLevelsAreTakenAndNoMore) {
    const auto nested = [](std::size_t lists) {
        return "{\"a\":" + std::string(lists, '[') + std::string(lists, ']') + "}";
    };
    EXPECT_EQ(update_refusal(nested(63)), "");
    EXPECT_NE(update_refusal(nested(64)), "");
    EXPECT_NE(update_refusal(std::string(1'000'000, '[')), "");
}

TEST(ExecuteBodyTest, ClusterEnvironmentAndTagsAreRead) {
    const auto body = execute_body_from_json(
        R"({"cluster": "c", "env": [{"name": "A", "value": "1"}],
            "run_tags": {"owner_id": "o", "owner_email": "e", "team_name": "t", "other": 1}})");
    EXPECT_EQ(body.cluster, "c");
    EXPECT_EQ(body.env, (Env{{"A", "1"}}));
    EXPECT_EQ(body.run_tags.owner_id, "o");
    EXPECT_EQ(body.run_tags.owner_email, "e");
    EXPECT_EQ(body.run_tags.team_name, "t");
}

TEST(ExecuteBodyTest, WhatIsNotSaidIsEmpty) {
    for (const char* text :
         {"{}", R"({"cluster": null, "env": null, "run_tags": null})", R"({"cluster": ""})"}) {
        const auto body = execute_body_from_json(text);
        EXPECT_FALSE(body.cluster);
        EXPECT_TRUE(body.env.empty());
        EXPECT_EQ(body.run_tags.owner_id, "");
    }
}

TEST(ExecuteBodyTest, WrongTypesAreNamed) {
    EXPECT_EQ(refusal([] { return execute_body_from_json("null"); }),
              "the request body must be a JSON object, was null");
    EXPECT_EQ(refusal([] { return execute_body_from_json(R"({"cluster": 1})"); }),
              "cluster must be a string, was a number");
    EXPECT_EQ(refusal([] { return execute_body_from_json(R"({"run_tags": "x"})"); }),
              "run_tags must be an object, was a string");
    EXPECT_EQ(refusal([] { return execute_body_from_json(R"({"run_tags": {"Owner_id": "x"}})"); }),
              "unknown field [run_tags.Owner_id]: did you mean [run_tags.owner_id]?");
}

TEST(ExecuteBodyTest, AllThatIsWrongIsTold) {
    EXPECT_EQ(
        refusal([] {
            return execute_body_from_json(
                R"({"cluster": 1, "env": {}, "run_tags": {"owner_id": 2}, "command": [], "labels": []})");
        }),
        "cluster must be a string, was a number\n"
        "env must be a list, was an object\n"
        "run_tags.owner_id must be a string, was a number\n"
        "command must be a string, was a list\n"
        "labels must be an object, was a list");
}

TEST(StatusBodyTest, OnlyStatusAndExitCodeAreRead) {
    const auto body =
        status_body_from_json(R"({"status": "STOPPED", "exit_code": 7, "alias": 1, "started_at": "x"})");
    EXPECT_EQ(body.status, "STOPPED");
    EXPECT_EQ(body.exit_code, 7);
    EXPECT_FALSE(status_body_from_json(R"({"status": "STOPPED", "exit_code": null})").exit_code);
}

TEST(StatusBodyTest, NothingSaidIsAnEmptyStatus) {
    EXPECT_EQ(status_body_from_json("null").status, "");
    EXPECT_EQ(status_body_from_json("{}").status, "");
}

TEST(StatusBodyTest, WrongTypesAreNamed) {
    EXPECT_EQ(refusal([] { return status_body_from_json(R"({"status": 1})"); }),
              "status must be a string, was a number");
    EXPECT_EQ(refusal([] { return status_body_from_json(R"({"exit_code": "1"})"); }),
              "exit_code must be a whole number, was a string");
    EXPECT_EQ(refusal([] { return status_body_from_json(R"({"status": [], "exit_code": false})"); }),
              "status must be a string, was a list\nexit_code must be a whole number, was a boolean");
    EXPECT_NE(refusal([] { return status_body_from_json(R"({"exit_code": 3000000000})"); }), "");
    EXPECT_NE(refusal([] { return status_body_from_json(R"({"STATUS": "RUNNING"})"); }), "");
}

}  // namespace
}  // namespace flotilla
