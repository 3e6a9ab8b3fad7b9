#include "core/list_query.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace flotilla {
namespace {

ListQuery runs(const QueryParameters& parameters) {
    return parse_list_query(parameters, run_fields());
}
ListQuery definitions(const QueryParameters& parameters) {
    return parse_list_query(parameters, definition_fields());
}

std::string refusal(const QueryParameters& parameters) {
    try {
        static_cast<void>(runs(parameters));
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::invalid);
        return error.what();
    }
}

TEST(ListQuery, WithoutParametersIsTheDefault) {
    const auto query = runs({});
    EXPECT_EQ(query.limit, 1024);
    EXPECT_EQ(query.offset, 0);
    EXPECT_EQ(query.sort_by->name, "group_name");
    EXPECT_FALSE(query.descending);
    EXPECT_TRUE(query.conditions.empty());
}

TEST(ListQuery, ALimitMayHaveAPlusAndAnySizeAndIsCapped) {
    EXPECT_EQ(runs({{"limit", "+1"}}).limit, 1);
    EXPECT_EQ(runs({{"limit", "99999999999999999999"}}).limit, 10'000);
    EXPECT_EQ(runs({{"limit", ""}}).limit, 1024);
    EXPECT_EQ(runs({{"limit", "0"}}).limit, 0);
}

TEST(ListQuery, OfARepeatedParameterTheFirstCounts) {
    EXPECT_EQ(runs({{"limit", "1"}, {"limit", "5"}}).limit, 1);
}

TEST(ListQuery, BadParametersAreNamed) {
    EXPECT_EQ(refusal({{"limit", "abc"}}), "limit must be a whole number of 0 or more, was [abc]");
    EXPECT_EQ(refusal({{"offset", "-1"}}), "offset must be a whole number of 0 or more, was [-1]");
    EXPECT_EQ(refusal({{"order", "up"}}), "Invalid order string, must be one of ('asc', 'desc'), was up");
    EXPECT_EQ(refusal({{"sort_by", "alias"}}),
              "Invalid field to order by [alias], must be one of [run_id, cluster_name, status, started_at, "
              "finished_at, queued_at, group_name]");
    EXPECT_EQ(refusal({{"foo", "bar"}}), "unknown filter [foo]");
    EXPECT_EQ(refusal({{"foo_since", "1"}}), "unknown filter [foo_since]");
    EXPECT_EQ(refusal({{"alias_since", "1"}}), "unknown filter [alias_since]");
    EXPECT_EQ(refusal({{"started_at", "2018-11-01"}}), "unknown filter [started_at]");
    EXPECT_EQ(refusal({{"status", "running"}}), "invalid status [running]");
    EXPECT_EQ(refusal({{"exit_code", "x"}}), "exit_code must be a whole number, was [x]");
    EXPECT_EQ(refusal({{"started_at_since", "banana"}}),
              "started_at_since must be a time such as 2018-11-01T12:00:00Z or 2018-11-01, was [banana]");
    EXPECT_EQ(refusal({{"started_at_since", "2018-11-01"}, {"started_at_since", "2018-11-02"}}),
              "started_at_since must not be given more than once");
}

TEST(ListQuery, OneValueOfATextFieldIsASubstringSeveralAreExact) {
    const auto one = definitions({{"alias", "a"}});
    ASSERT_EQ(one.conditions.size(), 1U);
    EXPECT_EQ(one.conditions[0].test, Condition::Test::contains);
    const auto several = definitions({{"alias", "a"}, {"alias", "b"}});
    ASSERT_EQ(several.conditions.size(), 1U);
    EXPECT_EQ(several.conditions[0].test, Condition::Test::equals);
    EXPECT_EQ(several.conditions[0].values.size(), 2U);
}

TEST(ListQuery, BoundsAreForNumbersAndTimes) {
    const auto query = definitions({{"memory_since", "100"}, {"memory_until", "200"}});
    ASSERT_EQ(query.conditions.size(), 2U);
    EXPECT_EQ(query.conditions[0].test, Condition::Test::after);
    EXPECT_EQ(query.conditions[1].test, Condition::Test::before);
    EXPECT_EQ(std::get<std::int64_t>(query.conditions[1].values[0]), 200);
}

TEST(ListQuery, MalformedVariablesAreIgnoredAndTheLastOfANameCounts) {
    const auto query =
        runs({{"env", "FOO"}, {"env", "A|B|C"}, {"env", "X|1"}, {"env", "X|2"}, {"env", "Y|"}});
    EXPECT_EQ(query.env_filters, (Env{{"X", "2"}, {"Y", ""}}));
}

TEST(ListQuery, ThereAreNoMoreFiltersThanADatabaseTakes) {
    QueryParameters parameters;
    for (std::size_t i = 0; i < most_list_filters; ++i) {
        parameters.emplace_back("env", "NAME_" + std::to_string(i) + "|value");
    }
    EXPECT_EQ(runs(parameters).env_filters.size(), most_list_filters);
    parameters.emplace_back("status", "QUEUED");
    EXPECT_THROW(runs(parameters), Error);
}

TEST(NameQuery, IgnoresWhatItDoesNotKnow) {
    const auto query = parse_name_query({{"name", "g"}, {"limit", "3"}, {"foo", "bar"}});
    EXPECT_EQ(query.name, "g");
    EXPECT_EQ(query.limit, 3);
}

TEST(ListQuery, LabelsAreNamesAndValuesThatAllHold) {
    const auto query = runs({{"labels", "team|forecasting"}, {"labels", "stage|a|b"}});
    ASSERT_EQ(query.conditions.size(), 2);
    EXPECT_EQ(query.conditions[0].test, Condition::Test::has_label);
    EXPECT_NE(refusal({{"labels", "team"}}).find("labels must be NAME|VALUE"), std::string::npos);
}

TEST(ListQuery, AnUnknownExitClassIsRefused) {
    EXPECT_EQ(runs({{"exit_class", "out_of_memory"}}).conditions.size(), 1);
    EXPECT_EQ(refusal({{"exit_class", "oom"}}), "invalid exit_class [oom]");
}

TEST(RecentQueryTest, NamesEachDefinitionOnce) {
    const auto query =
        parse_recent_query({{"definition_id", "b"}, {"definition_id", "a"}, {"definition_id", "b"}});
    EXPECT_EQ(query.definitions, (std::vector<DefinitionId>{{"b"}, {"a"}}));
    EXPECT_EQ(query.limit, 30);
    EXPECT_EQ(parse_recent_query({{"definition_id", "a"}, {"limit", "5"}}).limit, 5);
}

TEST(RecentQueryTest, WhatMakesNoSenseIsRefused) {
    EXPECT_THROW((void)parse_recent_query({}), Error);
    for (const char* limit : {"0", "101", "-1", "x"}) {
        EXPECT_THROW((void)parse_recent_query({{"definition_id", "a"}, {"limit", limit}}), Error);
    }
    QueryParameters many;
    for (int i = 0; i < 101; ++i) {
        many.emplace_back("definition_id", std::to_string(i));
    }
    EXPECT_THROW((void)parse_recent_query(many), Error);
}

}  // namespace
}  // namespace flotilla
