#include "core/definition.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace flotilla {
namespace {

DefinitionFields valid_fields() {
    DefinitionFields fields;
    fields.alias = "hello";
    fields.group_name = "examples";
    fields.image = "debian:12";
    fields.memory = 512;
    fields.command = "echo hi";
    return fields;
}

template <typename Check>
std::string mistakes(Check check, const DefinitionFields& fields) {
    try {
        check(fields);
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
}

TEST(NewDefinition, WithAllThatIsRequiredIsTaken) {
    EXPECT_EQ(mistakes(check_new, valid_fields()), "");
}

TEST(NewDefinition, TellsEverythingThatIsMissingInTheOriginalsOrder) {
    EXPECT_EQ(mistakes(check_new, {}),
              "string [image] must be specified\n"
              "string [group_name] must be specified\n"
              "Group name can only contain letters, numbers, hyphens, and underscores\n"
              "string [alias] must be specified\n"
              "int [memory] must be specified\n"
              "string [command] must be specified");
}

TEST(NewDefinition, AnEmptyTextIsMissing) {
    auto fields = valid_fields();
    fields.alias = "";
    EXPECT_EQ(mistakes(check_new, fields), "string [alias] must be specified");
}

TEST(NewDefinition, AGroupNameIsCheckedByItsLettersAndLength) {
    auto fields = valid_fields();
    for (const char* name : {"a.b", "a b", "a\\b", "gr\u00fcn"}) {
        fields.group_name = name;
        EXPECT_EQ(mistakes(check_new, fields),
                  "Group name can only contain letters, numbers, hyphens, and underscores")
            << name;
    }
    fields.group_name = std::string(255, 'g');
    EXPECT_EQ(mistakes(check_new, fields), "");
    fields.group_name = std::string(256, 'g');
    EXPECT_EQ(mistakes(check_new, fields), "Group name must be 255 characters or less");
}

TEST(NewDefinition, MemoryIsAPositiveThirtyTwoBitNumber) {
    auto fields = valid_fields();
    for (const std::int64_t memory : {0LL, -5LL, 2'147'483'648LL}) {
        fields.memory = memory;
        EXPECT_EQ(mistakes(check_new, fields), "int [memory] must be between 1 and 2147483647 (MiB)")
            << memory;
    }
    fields.memory = 2'147'483'647;
    EXPECT_EQ(mistakes(check_new, fields), "");
}

TEST(NewDefinition, PortsAreInRangeAndOnceEach) {
    auto fields = valid_fields();
    fields.ports = {{0, 80, 65536, 80}};
    EXPECT_EQ(mistakes(check_new, fields),
              "port 0 must be between 1 and 65535\n"
              "port 65536 must be between 1 and 65535\n"
              "port 80 is given twice");
}

TEST(NewDefinition, AVariableNeedsANameWithoutEqualsSign) {
    auto fields = valid_fields();
    fields.env = Env{{"", "x"}, {"A=B", "x"}};
    EXPECT_EQ(mistakes(check_new, fields),
              "env: the name of an environment variable must not be empty\n"
              "env: the name [A=B] must not contain '='");
}

TEST(NewDefinition, AnAliasIsMoreThanBlanks) {
    auto fields = valid_fields();
    for (const char* alias : {" ", " \t\n", "\x01", "\x7f "}) {
        fields.alias = alias;
        EXPECT_EQ(mistakes(check_new, fields), "string [alias] must not be blank") << alias;
    }
    for (const char* alias : {" a ", "two words", "\u00fc"}) {
        fields.alias = alias;
        EXPECT_EQ(mistakes(check_new, fields), "") << alias;
    }
}

TEST(NewDefinition, AUserIsOneLineWithoutControlCharacters) {
    auto fields = valid_fields();
    for (const char* user : {"root\n", "a\tb", "\x1b[31m", "\x7f"}) {
        fields.user = user;
        EXPECT_EQ(mistakes(check_new, fields),
                  "string [user] must not contain newlines or other control characters")
            << user;
    }
    for (const char* user : {"", "1000:1000", "j\u00fcrgen"}) {
        fields.user = user;
        EXPECT_EQ(mistakes(check_new, fields), "") << user;
    }
}

TEST(NewDefinition, NoTagIsEmpty) {
    auto fields = valid_fields();
    fields.tags = {{"a", "", ""}};
    EXPECT_EQ(mistakes(check_new, fields), "tags: a tag must not be empty");
}

TEST(UpdatedDefinition, MayGiveNothing) {
    EXPECT_EQ(mistakes(check_update, {}), "");
}

TEST(UpdatedDefinition, RefusesABadGroupNameThoughItNeverChanges) {
    DefinitionFields fields;
    fields.group_name = "a.b";
    EXPECT_NE(mistakes(check_update, fields), "");
}

TEST(UpdatedDefinition, IsCheckedAsANewOneIs) {
    DefinitionFields fields;
    fields.alias = " ";
    fields.user = "\n";
    fields.tags = {{""}};
    EXPECT_EQ(mistakes(check_update, fields),
              "string [alias] must not be blank\n"
              "tags: a tag must not be empty\n"
              "string [user] must not contain newlines or other control characters");
}

TEST(UpdatedDefinition, KeepsWhatIsNotGivenOrEmpty) {
    Definition definition;
    assign(valid_fields(), definition);
    DefinitionFields update;
    update.alias = "";
    update.image = "busybox";
    update.group_name = "other";
    assign(update, definition);
    EXPECT_EQ(definition.alias, "hello");
    EXPECT_EQ(definition.image, "busybox");
    EXPECT_EQ(definition.group_name, "examples");
    EXPECT_EQ(definition.memory, 512);
}

TEST(UpdatedDefinition, LosesWhatItCanDoWithoutByAnEmptyText) {
    auto fields = valid_fields();
    fields.user = "nobody";
    fields.description = "Greets.";
    Definition definition;
    assign(fields, definition);
    assign({}, definition);
    EXPECT_EQ(definition.user, "nobody");
    EXPECT_EQ(definition.description, "Greets.");
    DefinitionFields update;
    update.user = "";
    update.description = "";
    assign(update, definition);
    EXPECT_EQ(definition.user, "");
    EXPECT_EQ(definition.description, "");
}

TEST(UpdatedDefinition, AListReplacesTheListAlsoAnEmptyOne) {
    auto fields = valid_fields();
    fields.env = Env{{"A", "1"}};
    fields.ports = {{80}};
    fields.tags = {{"t", "u", "t"}};
    Definition definition;
    assign(fields, definition);
    EXPECT_EQ(definition.tags, (std::vector<std::string>{"t", "u"}));
    DefinitionFields update;
    update.env = Env{};
    update.ports = std::vector<int>{};
    update.tags = std::vector<std::string>{};
    assign(update, definition);
    EXPECT_TRUE(definition.env.empty());
    EXPECT_TRUE(definition.ports.empty());
    EXPECT_TRUE(definition.tags.empty());
}

TEST(NewDefinition, TextsThatStandInIndexesAreBounded) {
    DefinitionFields fields;
    fields.alias = std::string(1001, 'a');
    fields.tags = {{"short", std::string(1002, 't')}};
    try {
        check_update(fields);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()),
                  "string [alias] must have at most 1000 bytes, was 1001\n"
                  "tags: a tag must have at most 1000 bytes, was 1002");
    }
    fields.alias = std::string(1000, 'a');
    fields.tags = {{std::string(1000, 't')}};
    EXPECT_NO_THROW(check_update(fields));
}

TEST(Overrides, ARunMayHaveThingsOtherwiseThanItsDefinition) {
    Definition definition;
    definition.memory = 100;
    definition.command = "true";
    definition.cpu = 500;
    definition.secrets = {"A"};
    definition.description = "nightly";
    definition.labels = {{"team", "x"}, {"stage", "dev"}};
    const auto same = with_overrides(definition, {.command = "", .description = ""});
    EXPECT_EQ(same.command, "true");
    EXPECT_EQ(same.description, "nightly");
    EXPECT_EQ(same.labels, definition.labels);
    const auto changed = with_overrides(definition, {.memory = 200,
                                                     .command = "false",
                                                     .cpu = 0,
                                                     .secrets = std::vector<std::string>{"B", "B"},
                                                     .description = "once",
                                                     .labels = {{"stage", "prod"}}});
    EXPECT_EQ(changed.memory, 200);
    EXPECT_EQ(changed.command, "false");
    EXPECT_EQ(changed.cpu, std::nullopt);
    EXPECT_EQ(changed.secrets, std::vector<std::string>{"B"});
    EXPECT_EQ(changed.description, "once");
    EXPECT_EQ(changed.labels, (Labels{{"team", "x"}, {"stage", "prod"}}));
}

TEST(Overrides, WhatNoRunCanHaveIsRefusedWithEveryMistake) {
    try {
        check_overrides({.memory = 0,
                         .cpu = 5,
                         .gpu = -1,
                         .secrets = std::vector<std::string>{"A-B"},
                         .labels = {{"a|b", ""}}});
        FAIL();
    } catch (const Error& error) {
        const std::string text = error.what();
        for (const auto* part : {"[memory] must be", "[cpu] must be", "[gpu] must be", "secrets: [A-B]",
                                 "labels: the name [a|b]"}) {
            EXPECT_NE(text.find(part), std::string::npos) << text;
        }
    }
}

}  // namespace
}  // namespace flotilla
