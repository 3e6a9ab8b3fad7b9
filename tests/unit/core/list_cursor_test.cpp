#include <gtest/gtest.h>

#include "base/error.hpp"
#include "core/list_query.hpp"
#include "support/sample_runs.hpp"

namespace flotilla {
namespace {

using test::noon;

ListQuery sorted_by(const std::string& field, const std::string& order = "asc") {
    return parse_list_query({{"sort_by", field}, {"order", order}}, run_fields());
}

flotilla::Run finished_run() {
    auto run = test::sample_run("run-1", test::sample_definition("a"));
    run.cluster = "a.b cluster";
    run.status = RunStatus::stopped;
    run.attempt.started_at = noon;
    run.attempt.finished_at = noon;
    return run;
}

std::string refusal(const std::string& cursor, const ListQuery& query) {
    try {
        static_cast<void>(parse_cursor(cursor, query));
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

TEST(ListCursor, APositionComesBackFromItsCursorWhateverTheListIsSortedBy) {
    for (const Field& field : run_fields()) {
        if (!field.sortable) {
            continue;
        }
        for (const auto& run : {finished_run(), test::sample_run("r2", test::sample_definition("a"))}) {
            const auto query = sorted_by(std::string(field.name));
            const auto position = position_of(run, query);
            EXPECT_EQ(parse_cursor(cursor_text(query, position), query), position) << field.name;
        }
    }
}

TEST(ListCursor, ItNeedsNoEscapeInAUrl) {
    const auto query = sorted_by("cluster_name");
    const auto text = cursor_text(query, position_of(finished_run(), query));
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-."), std::string::npos) << text;
}

TEST(ListCursor, OfAListThatIsSortedInAnotherWayItIsRefused) {
    const auto text = cursor_text(sorted_by("status"), position_of(finished_run(), sorted_by("status")));
    EXPECT_NE(refusal(text, sorted_by("group_name")).find("sorted in another way"), std::string::npos);
    EXPECT_NE(refusal(text, sorted_by("status", "desc")).find("sorted in another way"), std::string::npos);
}

TEST(ListCursor, WhatIsNoneIsRefused) {
    for (const std::string text :
         {"x", "status.a.t61.1", "status.a.t6.1.r", "status.a.t6x.1.r", "status.a.n.1.r", "status.a.i1.1.r",
          "status.a.t61.x.r", "status.a.tff.1.r", "status.a.t00.1.r"}) {
        EXPECT_NE(refusal(text, sorted_by("status")).find("is not a cursor"), std::string::npos) << text;
    }
    EXPECT_NE(refusal("queued_at.a.n.1.r", sorted_by("queued_at")).find("is not a cursor"),
              std::string::npos);
}

TEST(ListCursor, ItIsReadFromTheQueryOfARunList) {
    const auto query =
        parse_list_query({{"sort_by", "status"}, {"after", "status.a.t51.7.r1"}}, run_fields());
    ASSERT_TRUE(query.after);
    EXPECT_EQ(*query.after, (ListPosition{std::string("Q"), 7, "r1"}));
    EXPECT_FALSE(parse_list_query({{"after", ""}}, run_fields()).after);
    EXPECT_THROW(static_cast<void>(parse_list_query({{"after", "x"}}, definition_fields())), Error);
}

}  // namespace
}  // namespace flotilla
