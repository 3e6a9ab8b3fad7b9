#include "cli/follow.hpp"

#include <gmock/gmock.h>

#include "base/error.hpp"
#include "unit/cli/command_test.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class FollowTest : public CommandTest {
protected:
    void status_is(const std::string& status) {
        http.answer("GET http://server/api/v1/history/r1", 200,
                    R"({"run_id": "r1", "status": ")" + status + R"(", "exit_code": 3})");
    }
    void log_after(const std::string& last_seen, const std::string& answer) {
        http.answer("GET http://server/api/v1/r1/logs" + (last_seen.empty() ? "" : "?last_seen=" + last_seen),
                    200, answer);
    }

    ApiClient client{http, {.url = "http://server", .token = ""}};
};

TEST_F(FollowTest, PrintsPagesUntilTheRunHasStopped) {
    status_is("QUEUED");
    status_is("RUNNING");
    status_is("STOPPED");
    log_after("", R"({"log": ""})");
    log_after("", R"({"log": "one\ntwo", "last_seen": "7"})");
    log_after("7", R"({"log": "", "last_seen": "7"})");
    log_after("7", R"({"log": "three", "last_seen": "13"})");
    log_after("13", R"({"log": "", "last_seen": "13"})");
    const auto run = follow_run(client, "r1", surroundings);
    ASSERT_TRUE(run);
    EXPECT_EQ(run->exit_code, 3);
    EXPECT_EQ(out.str(), "one\ntwo\nthree\n");
}

TEST_F(FollowTest, GoesOnWhileMoreMayComeOfTheLogOfARunThatHasEnded) {
    status_is("STOPPED");
    log_after("", R"({"log": "one", "last_seen": "4", "may_grow": true})");
    log_after("4", R"({"log": "", "last_seen": "4", "may_grow": true})");
    log_after("4", R"({"log": "two", "last_seen": "8", "may_grow": true})");
    log_after("8", R"({"log": "", "last_seen": "8"})");
    EXPECT_TRUE(follow_run(client, "r1", surroundings));
    EXPECT_EQ(out.str(), "one\ntwo\n");
}

TEST_F(FollowTest, KeepsEmptyLines) {
    status_is("STOPPED");
    log_after("", R"({"log": "a", "last_seen": "2"})");
    log_after("2", R"({"log": "", "last_seen": "3"})");
    log_after("3", R"({"log": "", "last_seen": "3"})");
    std::ignore = follow_run(client, "r1", surroundings);
    EXPECT_EQ(out.str(), "a\n\n");
}

TEST_F(FollowTest, JoinsALineLongerThanAPage) {
    const std::string page(1U << 20U, 'x');
    status_is("STOPPED");
    log_after("", R"({"last_seen": "1", "log": ")" + page + "\"}");
    log_after("1", R"({"log": "end", "last_seen": "2"})");
    log_after("2", R"({"log": "", "last_seen": "2"})");
    std::ignore = follow_run(client, "r1", surroundings);
    EXPECT_EQ(out.str(), page + "end\n");
}

TEST_F(FollowTest, LooksLessOftenWhileNothingHappens) {
    for (int i = 0; i < 8; ++i) {
        status_is("QUEUED");
    }
    status_is("STOPPED");
    log_after("", R"({"log": ""})");
    std::ignore = follow_run(client, "r1", surroundings);
    EXPECT_THAT(pause.waits,
                testing::ElementsAre(0ms, 200ms, 300ms, 450ms, 675ms, 1000ms, 1000ms, 1000ms, 1000ms));
}

TEST_F(FollowTest, LeavesTheRunAloneWhenInterrupted) {
    status_is("RUNNING");
    log_after("", R"({"log": "one", "last_seen": "4"})");
    log_after("4", R"({"log": "", "last_seen": "4"})");
    pause.interrupted_at = 3;
    EXPECT_FALSE(follow_run(client, "r1", surroundings));
    EXPECT_EQ(err.str(),
              "flotilla: run r1 goes on; follow it: flotilla logs -f r1; stop it: flotilla stop r1\n");
    for (const auto& request : http.requests) {
        EXPECT_EQ(request.method, "GET");
    }
}

TEST_F(FollowTest, OutlivesAServerThatRestarts) {
    status_is("RUNNING");
    log_after("", R"({"log": ""})");
    http.answer("GET http://server/api/v1/history/r1", 503, R"({"error": "the database is away"})");
    status_is("STOPPED");
    EXPECT_TRUE(follow_run(client, "r1", surroundings));
}

TEST_F(FollowTest, GivesUpOnAServerThatStaysAway) {
    status_is("RUNNING");
    log_after("", R"({"log": ""})");
    http.answer("GET http://server/api/v1/history/r1", 503, R"({"error": "the database is away"})");
    EXPECT_THROW(std::ignore = follow_run(client, "r1", surroundings), Error);
    EXPECT_LT(pause.waits.size(), 20);
}

TEST_F(FollowTest, SaysAtOnceThatThereIsNoServer) {
    EXPECT_THROW(std::ignore = follow_run(client, "r1", surroundings), Error);
    EXPECT_EQ(http.requests.size(), 1);
}

TEST_F(FollowTest, EndsWhenNobodyReads) {
    status_is("RUNNING");
    log_after("", R"({"log": "one", "last_seen": "4"})");
    out.setstate(std::ios::badbit);
    EXPECT_FALSE(follow_run(client, "r1", surroundings));
}

}  // namespace
}  // namespace flotilla
