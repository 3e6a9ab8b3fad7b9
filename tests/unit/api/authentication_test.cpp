#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api.hpp"
#include "service/token_service.hpp"
#include "store/sql_token_store.hpp"
#include "support/api_services.hpp"
#include "support/counting_token_store.hpp"

namespace flotilla {
namespace {

using testing::HasSubstr;

const std::string small_definition =
    R"({"alias": "a", "group_name": "g", "image": "debian:12", "memory": 100, "command": "true"})";

/// The whole API where tokens are asked for.
struct AuthenticationTest : testing::Test {
    Response send(HttpVerb verb, std::string target, Headers headers, std::string body = {}) {
        return api.answer({.verb = verb,
                           .target = std::move(target),
                           .headers = std::move(headers),
                           .body = std::move(body)});
    }
    static Headers with(const std::string& given) { return {{"Authorization", "Bearer " + given}}; }
    void define() {
        ASSERT_EQ(send(HttpVerb::post, "/api/v1/task", with(token), small_definition).status, 200);
    }
    /// Makes the definition g-id-1 and the run id-2.
    Response execute() {
        define();
        return send(HttpVerb::put, "/api/v1/task/g-id-1/execute", with(token), "{}");
    }
    static std::string header(const Response& response, std::string_view name) {
        return std::string(find_header(response.headers, name).value_or("none"));
    }

    test::ControlPlane plane;
    SqlTokenStore stored{plane.database};
    test::CountingTokenStore tokens{stored};
    TokenService token_service{stored, plane.clock};
    RunTokens run_tokens{"key"};
    Authenticator authenticator{tokens, plane.clock, run_tokens};
    HttpMetrics http_metrics{plane.registry};
    Api api{test::api_services(plane),
            http_metrics,
            {.cors_allowed_origins = {"http://page.example"},
             .host_names = {},
             .public_url = {},
             .authenticator = &authenticator}};
    const std::string token = token_service.create("ada", std::string(access_token_bytes, 'a'));
};

TEST_F(AuthenticationTest, TheApiAsksForATokenAndTheRestDoesNot) {
    for (const char* target : {"/api/v1/task", "/api/v1/history/x", "/api/v1/whoami", "/api/v1/x/logs",
                               "/api/v9", "/%61pi/v1/task", "http://localhost/api/v1/task"}) {
        const auto response = send(HttpVerb::get, target, {});
        EXPECT_EQ(response.status, 401) << target;
        EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer");
        EXPECT_EQ(response.body,
                  "{\"error\":\"a token is missing: send the header Authorization: Bearer TOKEN\"}\n");
    }
    for (const HttpVerb verb : {HttpVerb::post, HttpVerb::put, HttpVerb::delete_, HttpVerb::head}) {
        EXPECT_EQ(send(verb, "/api/v1/task/x", {}).status, 401);
    }
    EXPECT_EQ(send(HttpVerb::get, "/health", {}).status, 200);
    EXPECT_EQ(send(HttpVerb::head, "/ready", {}).status, 200);
    EXPECT_EQ(send(HttpVerb::get, "/", {}).status, 404);
}

TEST_F(AuthenticationTest, ATokenOpensEverything) {
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/task", with(token)).status, 200);
    EXPECT_EQ(send(HttpVerb::get, "/api/v9", with(token)).status, 404);
    for (const char* field : {"bearer ", "BEARER ", "Bearer   ", "Bearer\t"}) {
        EXPECT_EQ(send(HttpVerb::get, "/api/v1/task", {{"authorization", field + token}}).status, 200);
    }
}

TEST_F(AuthenticationTest, EveryKindOfWrongTokenIsSaid) {
    const auto message = [&](Headers headers) {
        const auto response = send(HttpVerb::get, "/api/v1/task", std::move(headers));
        EXPECT_EQ(response.status, 401);
        EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer");
        EXPECT_THAT(response.body, testing::Not(HasSubstr(token.substr(4))));
        return response.body;
    };
    for (const std::string field : {"", "Bearer", "Bearer ", "Basic YTpi", token.c_str()}) {
        EXPECT_THAT(message({{"Authorization", field}}), HasSubstr("Authorization is malformed")) << field;
    }
    EXPECT_THAT(message({{"Authorization", "Bearer " + token}, {"authorization", "Bearer " + token}}),
                HasSubstr("once"));
    for (const std::string& text : {token.substr(1), token + " x", token + ",", std::string("ada")}) {
        EXPECT_THAT(message(with(text)), HasSubstr("the token is malformed")) << text;
    }
    const auto stranger = access_token_text(std::string(access_token_bytes, 'x'));
    EXPECT_THAT(message(with(stranger)), HasSubstr("the token is not known"));
    EXPECT_THAT(message(with(RunTokens("other").token_of({"id-2"}))), HasSubstr("the token is not known"));
    token_service.revoke("ada");
    EXPECT_THAT(message(with(token)), HasSubstr("the token is not known"));
}

TEST_F(AuthenticationTest, TheNameOfATokenOwnsTheRunsOfTheFirstVersion) {
    EXPECT_THAT(execute().body, HasSubstr(R"("user":"ada")"));
    const std::string tags = R"({"run_tags": {"owner_id": "bob"}})";
    EXPECT_THAT(send(HttpVerb::put, "/api/v4/task/g-id-1/execute", with(token), tags).body,
                HasSubstr(R"("user":"bob")"));
    EXPECT_EQ(send(HttpVerb::put, "/api/v4/task/g-id-1/execute", with(token), "{}").status, 400);
}

TEST_F(AuthenticationTest, WhoStopsARunIsRecorded) {
    ASSERT_EQ(execute().status, 200);
    ASSERT_EQ(send(HttpVerb::delete_, "/api/v1/task/g-id-1/history/id-2", with(token)).status, 200);
    EXPECT_EQ(plane.runs.find({"id-2"})->stopped_by, "ada");
}

TEST_F(AuthenticationTest, AHolderIsToldWhoTheyAre) {
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/whoami", with(token)).body,
              "{\"name\":\"ada\",\"auth_mode\":\"token\"}\n");
}

TEST_F(AuthenticationTest, ARunReportsItsOwnStatusAndDoesNothingElse) {
    ASSERT_EQ(execute().status, 200);
    ASSERT_EQ(send(HttpVerb::put, "/api/v1/task/g-id-1/execute", with(token), "{}").status, 200);
    const auto own = with(run_tokens.token_of({"id-2"}));
    const std::string report = R"({"status": "RUNNING"})";
    EXPECT_EQ(send(HttpVerb::put, "/api/v1/id-2/status", own, report).status, 200);
    EXPECT_EQ(plane.runs.find({"id-2"})->status, RunStatus::running);
    EXPECT_EQ(send(HttpVerb::put, "/api/v1/id-3/status", with(token), report).status, 200);
    const auto refused = send(HttpVerb::put, "/api/v1/id-3/status", own, R"({"status": "STOPPED"})");
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("of that run only"));
    EXPECT_EQ(plane.runs.find({"id-3"})->status, RunStatus::running);
    for (const char* target : {"/api/v1/task", "/api/v1/history/id-2", "/api/v1/id-2/logs", "/api/v1/whoami",
                               "/api/v1/id-2/status"}) {
        EXPECT_EQ(send(HttpVerb::get, target, own).status, 403) << target;
    }
    EXPECT_EQ(send(HttpVerb::delete_, "/api/v1/task/g-id-1/history/id-2", own).status, 403);
    EXPECT_EQ(send(HttpVerb::put, "/api/v1/task/g-id-1/execute", own, "{}").status, 403);
}

TEST_F(AuthenticationTest, AStoppedRunsReportChangesNothing) {
    ASSERT_EQ(execute().status, 200);
    const auto own = with(run_tokens.token_of({"id-2"}));
    ASSERT_EQ(send(HttpVerb::delete_, "/api/v1/task/g-id-1/history/id-2", with(token)).status, 200);
    ASSERT_EQ(plane.runs.find({"id-2"})->status, RunStatus::stopped);
    EXPECT_EQ(send(HttpVerb::put, "/api/v1/id-2/status", own, R"({"status": "RUNNING"})").status, 200);
    EXPECT_EQ(plane.runs.find({"id-2"})->status, RunStatus::stopped);
}

TEST_F(AuthenticationTest, HostAndOriginAreCheckedBeforeTheToken) {
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/task", {{"Host", "evil.example"}}).status, 421);
    EXPECT_EQ(
        send(HttpVerb::post, "/api/v1/task", {{"Origin", "http://evil.example"}}, small_definition).status,
        403);
    Headers foreign = with(token);
    foreign.emplace_back("Origin", "http://evil.example");
    EXPECT_EQ(send(HttpVerb::post, "/api/v1/task", foreign, small_definition).status, 403);
    EXPECT_EQ(tokens.reads, 0);
}

TEST_F(AuthenticationTest, APageThatMayCallLearnsThatATokenIsMissing) {
    const Headers page{{"Origin", "http://page.example"}};
    const auto response = send(HttpVerb::get, "/api/v1/task", page);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "http://page.example");
    const auto preflight =
        send(HttpVerb::options, "/api/v1/task",
             {{"Origin", "http://page.example"}, {"Access-Control-Request-Method", "PUT"}});
    EXPECT_EQ(preflight.status, 200);
    EXPECT_THAT(header(preflight, "Access-Control-Allow-Headers"), HasSubstr("Authorization"));
}

TEST_F(AuthenticationTest, ADatabaseThatIsAwayIsNoWrongToken) {
    tokens.unreachable = true;
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/task", with(token)).status, 503);
    EXPECT_EQ(send(HttpVerb::get, "/health", {}).status, 200);
}

}  // namespace
}  // namespace flotilla
