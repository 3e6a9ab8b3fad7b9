#include "base/error.hpp"
#include "contract/stores.hpp"

namespace flotilla {
namespace {

using test::sample_definition;
using test::sample_run;

class DefinitionStoreContract : public test::StoreContract {
protected:
    static ListQuery query(const QueryParameters& parameters) {
        return parse_list_query(parameters, definition_fields());
    }
    std::vector<std::string> aliases(const QueryParameters& parameters) {
        std::vector<std::string> found;
        for (const Definition& definition : definitions.list(query(parameters)).items) {
            found.push_back(definition.alias);
        }
        return found;
    }
    using Aliases = std::vector<std::string>;
};

TEST_P(DefinitionStoreContract, ADefinitionComesBackAsItWasStored) {
    auto definition = sample_definition("a");
    definition.command = "echo \"<b>&'x'\" \u00e9 \u2028";
    definition.env = {{"FOO", "BAR"}, {"A", ""}, {"FOO", "two"}};
    definition.ports = {8080, 8081};
    definition.tags = {"t2", "t1"};
    definition.user = "someone";
    definitions.insert(definition);
    for (const auto& found : {definitions.find(definition.id), definitions.find_by_alias("a")}) {
        ASSERT_TRUE(found);
        EXPECT_EQ(found->id, definition.id);
        EXPECT_EQ(found->command, definition.command);
        EXPECT_EQ(found->env, definition.env);
        EXPECT_EQ(found->ports, definition.ports);
        EXPECT_EQ(found->tags, definition.tags);
        EXPECT_EQ(found->user, "someone");
        EXPECT_EQ(found->memory, 100);
    }
    EXPECT_EQ(definitions.find({"nope"}), std::nullopt);
    EXPECT_EQ(definitions.find_by_alias("A"), std::nullopt);
}

TEST_P(DefinitionStoreContract, AnAliasIsUnique) {
    definitions.insert(sample_definition("a"));
    auto second = sample_definition("a");
    second.id = {"another"};
    try {
        definitions.insert(second);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::conflict);
        EXPECT_STREQ(error.what(), "definition with alias [a] aleady exists");
    }
    definitions.insert(sample_definition("b"));
    DefinitionFields fields;
    fields.alias = "a";
    EXPECT_THROW(definitions.update({"group-b"}, fields, {test::noon, "editor"}), Error);
    EXPECT_TRUE(definitions.find_by_alias("b"));
}

TEST_P(DefinitionStoreContract, AnUpdateIsStored) {
    definitions.insert(sample_definition("a"));
    DefinitionFields fields;
    fields.image = "busybox";
    fields.tags = {{"x"}};
    EXPECT_EQ(definitions.update({"group-a"}, fields, {test::noon, "editor"})->image, "busybox");
    EXPECT_EQ(definitions.find({"group-a"})->tags, (std::vector<std::string>{"x"}));
    EXPECT_EQ(definitions.update({"nope"}, fields, {test::noon, "editor"}), std::nullopt);
}

TEST_P(DefinitionStoreContract, AnUpdateOfAnotherDefinitionThanTheOneThatIsMeantIsRefused) {
    definitions.insert(sample_definition("a"));
    DefinitionFields fields;
    fields.image = "busybox";
    const auto update_if = [&](const char* image) {
        return definitions.update({"group-a"}, fields, {test::noon, "editor", [&](const Definition& stored) {
                                                            return stored.image == image;
                                                        }});
    };
    EXPECT_TRUE(update_if(sample_definition("a").image.c_str()));
    fields.image = "alpine";
    try {
        update_if("debian:12");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::outdated);
        EXPECT_STREQ(error.what(),
                     "definition group-a has changed since you read it, by editor: read it again");
    }
    EXPECT_EQ(definitions.find({"group-a"})->image, "busybox");
}

TEST_P(DefinitionStoreContract, ListsFilterByEveryKindOfField) {
    auto a = sample_definition("a-one");
    a.env = {{"FOO", "BAR"}, {"FOO", "two"}};
    a.tags = {"t1", "t2"};
    auto b = sample_definition("b_two");
    b.memory = 200;
    b.image = "busybox";
    definitions.insert(a);
    definitions.insert(b);
    EXPECT_EQ(aliases({}), (Aliases{"a-one", "b_two"}));
    EXPECT_EQ(aliases({{"alias", "-o"}}), (Aliases{"a-one"}));
    EXPECT_EQ(aliases({{"alias", "A-"}}), Aliases{});
    EXPECT_EQ(aliases({{"alias", "%"}}), Aliases{});
    EXPECT_EQ(aliases({{"alias", "_"}}), (Aliases{"b_two"}));
    EXPECT_EQ(aliases({{"alias", "x' or '1'='1"}}), Aliases{});
    EXPECT_EQ(aliases({{"alias", "a-one"}, {"alias", "b"}}), (Aliases{"a-one"}));
    EXPECT_EQ(aliases({{"memory", "200"}}), (Aliases{"b_two"}));
    EXPECT_EQ(aliases({{"memory_since", "100"}}), (Aliases{"b_two"}));
    EXPECT_EQ(aliases({{"memory_until", "200"}}), (Aliases{"a-one"}));
    EXPECT_EQ(aliases({{"tags", "t2"}}), (Aliases{"a-one"}));
    EXPECT_EQ(aliases({{"tags", "t"}}), Aliases{});
    EXPECT_EQ(aliases({{"env", "FOO|two"}}), (Aliases{"a-one"}));
    EXPECT_EQ(aliases({{"env", "FOO|B\"R"}}), Aliases{});
    EXPECT_EQ(aliases({{"definition_id", "group-a-one"}}), (Aliases{"a-one"}));
    EXPECT_EQ(aliases({{"container_name", "group-a-one"}}), (Aliases{"a-one"}));
    EXPECT_EQ(aliases({{"image", "busy"}, {"group_name", "gro"}}), (Aliases{"b_two"}));
}

TEST_P(DefinitionStoreContract, ListsSortAndPageAndCountEverything) {
    for (const char* alias : {"b", "a", "c", "B"}) {
        definitions.insert(sample_definition(alias));
    }
    EXPECT_EQ(aliases({{"sort_by", "alias"}}), (Aliases{"B", "a", "b", "c"}));
    EXPECT_EQ(aliases({{"sort_by", "alias"}, {"order", "desc"}}), (Aliases{"c", "b", "a", "B"}));
    EXPECT_EQ(aliases({{"sort_by", "memory"}}), (Aliases{"B", "a", "b", "c"}));
    EXPECT_EQ(aliases({{"limit", "2"}, {"offset", "1"}, {"sort_by", "alias"}}), (Aliases{"a", "b"}));
    const auto page = definitions.list(query({{"limit", "0"}}));
    EXPECT_TRUE(page.items.empty());
    EXPECT_EQ(page.total, 4);
}

TEST_P(DefinitionStoreContract, APageWhoseTagsWouldFillTheMemoryIsRefused) {
    auto definition = sample_definition("a");
    for (int i = 0; i < 680; ++i) {  // each small enough for an index of PostgreSQL
        definition.tags.push_back(std::to_string(i) + std::string(100'000, 'x'));
    }
    definitions.insert(definition);
    EXPECT_THROW((void)aliases({}), Error);
    EXPECT_TRUE(definitions.find(definition.id));
}

TEST_P(DefinitionStoreContract, ImagesAreDistinctAndSorted) {
    for (const auto& [alias, image] : {std::pair{"a", "z:1"}, {"b", "debian:12"}, {"c", "z:1"}}) {
        auto definition = sample_definition(alias);
        definition.image = image;
        definitions.insert(definition);
    }
    EXPECT_EQ(definitions.images({}).items, (std::vector<std::string>{"debian:12", "z:1"}));
}

TEST_P(DefinitionStoreContract, GroupsAndTagsAreDistinctAndSorted) {
    auto a = sample_definition("a");
    a.tags = {"x", "y"};
    auto b = sample_definition("b");
    b.group_name = "another";
    b.tags = {"x"};
    definitions.insert(a);
    definitions.insert(b);
    EXPECT_EQ(definitions.groups({}).items, (std::vector<std::string>{"another", "group"}));
    EXPECT_EQ(definitions.tags({}).items, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(definitions.groups({.name = "oth"}).total, 1);
    const auto second = definitions.tags({.name = {}, .limit = 1, .offset = 1});
    EXPECT_EQ(second.items, (std::vector<std::string>{"y"}));
    EXPECT_EQ(second.total, 2);
}

TEST_P(DefinitionStoreContract, IsRemovedWithItsRunsButNotWhileOneIsLive) {
    const auto definition = sample_definition("a");
    definitions.insert(definition);
    runs.insert(sample_run("r1", definition));
    EXPECT_THROW(definitions.remove(definition.id), Error);
    runs.advance({"r1"}, {1, StopRequested{test::noon, ""}});
    EXPECT_TRUE(definitions.remove(definition.id));
    EXPECT_EQ(runs.find({"r1"}), std::nullopt);
    EXPECT_FALSE(definitions.remove(definition.id));
}

TEST_P(DefinitionStoreContract, ARunThatReportedItsEndKeepsItsDefinitionUntilItsContainerIsGone) {
    const auto definition = sample_definition("a");
    definitions.insert(definition);
    runs.insert(sample_run("r1", definition));
    runs.advance({"r1"}, {1, Submitting{}});
    runs.advance({"r1"}, {1, Reported{test::noon, RunStatus::stopped, 0, {}}});
    EXPECT_THROW(definitions.remove(definition.id), Error);
}

INSTANTIATE_TEST_SUITE_P(Every, DefinitionStoreContract, test::every_database, test::database_name);

TEST_P(DefinitionStoreContract, AnObjectOfTheEngineIsExchangedOrReplaced) {
    auto definition = test::sample_definition("a");
    definition.arn = "object 1";
    definition.arn_digest = "of 1";
    definitions.insert(definition);
    const auto object = [&] {
        const auto found = definitions.find(definition.id);
        return found->arn + ", " + found->arn_digest;
    };
    EXPECT_EQ(object(), "object 1, of 1");
    EXPECT_TRUE(definitions.set_object(definition.id, {"object 2", "of 2"}));
    EXPECT_EQ(object(), "object 2, of 2");
    EXPECT_EQ(definitions.retired(), std::vector<std::string>{"object 1"});
    definitions.update(definition.id, {}, {test::noon, ""}, EngineObject{"object 3", "of 3"});
    definitions.update(definition.id, {}, {test::noon, ""});
    EXPECT_EQ(object(), "object 3, of 3");

    auto run = test::sample_run("r", definition);
    run.definition_arn = "object 3";
    run.engine_request = "do object 3";
    run.log_location = "log of 3";
    runs.insert(run);
    auto handed_over = test::sample_run("h", definition);
    handed_over.definition_arn = "object 3";
    handed_over.log_location = "log of 3";
    runs.insert(handed_over);
    runs.advance(handed_over.id, {1, Submitting{}});
    runs.advance(handed_over.id, {1, Submitted{"handle"}});
    definitions.replace_object("object 3", {"object 4", "of 4"}, "log of 4");
    EXPECT_EQ(object(), "object 4, of 4");
    EXPECT_EQ(runs.find(run.id)->definition_arn, "object 4");
    EXPECT_EQ(runs.find(run.id)->engine_request, "do object 4");
    EXPECT_EQ(runs.find(run.id)->log_location, "log of 4");
    EXPECT_EQ(runs.find(handed_over.id)->log_location, "log of 3") << "it writes already";
    EXPECT_EQ(definitions.retired(), (std::vector<std::string>{"object 1", "object 2"}));
}

TEST_P(DefinitionStoreContract, AnObjectOfTheEngineWhoseDefinitionWasRemovedMeanwhileIsRetired) {
    EXPECT_FALSE(definitions.set_object({"gone"}, {"object 1", "of it"}));
    EXPECT_FALSE(definitions.update({"gone"}, {}, {test::noon, ""}, EngineObject{"object 2", "of it"}));
    definitions.replace_object("object 0", {"object 3", "of it"}, "log");
    EXPECT_EQ(definitions.retired(), (std::vector<std::string>{"object 1", "object 2", "object 3"}));
}

TEST_P(DefinitionStoreContract, WhatItSaysOfItselfAndWhoMadeItComesBack) {
    auto definition = test::sample_definition("described");
    definition.cpu = 500;
    definition.gpu = 2;
    definition.secrets = {"TOKEN"};
    definition.description = "nightly";
    definition.labels = {{"team", "forecasting"}};
    definition.created_at = test::noon;
    definition.created_by = "ann";
    definitions.insert(definition);
    DefinitionFields fields;
    fields.cpu = 0;
    fields.gpu = 0;
    const auto later = test::noon + std::chrono::seconds{1};
    definitions.update(definition.id, fields, {later, "bob"});
    const auto found = definitions.find(definition.id);
    EXPECT_EQ(found->cpu, std::nullopt);
    EXPECT_EQ(found->gpu, std::nullopt);
    EXPECT_EQ(found->secrets, definition.secrets);
    EXPECT_EQ(found->description, "nightly");
    EXPECT_EQ(found->labels, definition.labels);
    EXPECT_EQ(found->created_at, test::noon);
    EXPECT_EQ(found->created_by, "ann");
    EXPECT_EQ(found->updated_at, later);
    EXPECT_EQ(found->updated_by, "bob");
}

}  // namespace
}  // namespace flotilla
