#include "client/api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "support/scripted_http_client.hpp"

namespace flotilla {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

class ApiClientTest : public testing::Test {
protected:
    template <typename Request>
    std::string error_of(ErrorKind kind, Request request) {
        try {
            request();
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), kind) << error.what();
            return error.what();
        }
        return "none";
    }

    test::ScriptedHttpClient http;
    ApiClient client{http, {.url = "http://server", .token = ""}};
};

TEST_F(ApiClientTest, DefinesWhatIsNew) {
    http.answer("POST http://server/api/v1/task", 200, "{\"definition_id\":\"d1\"}\n");
    const std::string text = R"({"alias": "hello", "memory": 512})";
    const auto saved = client.define(text);
    EXPECT_TRUE(saved.created);
    EXPECT_EQ(saved.alias, "hello");
    EXPECT_EQ(saved.json, "{\"definition_id\":\"d1\"}");
    EXPECT_EQ(http.requests.at(0).body, text);
    EXPECT_THAT(http.requests.at(0).headers, Contains(Pair("Content-Type", "application/json")));
}

TEST_F(ApiClientTest, UpdatesTheDefinitionWhoseAliasIsTaken) {
    http.answer("POST http://server/api/v1/task", 409,
                R"({"error": "definition with alias [a/b] aleady exists"})");
    http.answer("GET http://server/api/v1/task/alias/a%2Fb", 200,
                R"({"definition_id": "g-1", "group_name": "g"})");
    http.answer("PUT http://server/api/v1/task/g-1", 200, R"({"definition_id": "g-1"})");
    const auto saved = client.define(R"({"alias":"a/b","group_name":"g","tags":["t"]})");
    EXPECT_FALSE(saved.created);
    EXPECT_EQ(saved.kept_group_name, "");
    EXPECT_EQ(http.requests.at(2).body,
              R"({"alias":"a/b","group_name":"g","tags":["t"],"env":[],"ports":[],"secrets":[],"user":"",)"
              R"("description":"","cpu":0,"gpu":0,"queue_timeout_seconds":0,"timeout_seconds":0,"labels":{},)"
              R"("retry":{"max_attempts":1}})");
}

TEST_F(ApiClientTest, SaysThatADefinitionKeepsItsGroup) {
    http.answer("POST http://server/api/v1/task", 409,
                R"({"error": "definition with alias [a] aleady exists"})");
    http.answer("GET http://server/api/v1/task/alias/a", 200,
                R"({"definition_id": "g-1", "group_name": "g"})");
    http.answer("PUT http://server/api/v1/task/g-1", 200, "{}");
    EXPECT_EQ(client.define(R"({"alias": "a", "group_name": "other"})").kept_group_name, "g");
}

TEST_F(ApiClientTest, AsksNobodyAboutAMalformedDefinition) {
    EXPECT_THAT(error_of(ErrorKind::invalid, [&] { std::ignore = client.define("{"); }),
                HasSubstr("line 1, column 2"));
    EXPECT_THAT(error_of(ErrorKind::invalid, [&] { std::ignore = client.define("[]"); }),
                HasSubstr("one JSON object"));
    EXPECT_TRUE(http.requests.empty());
}

TEST_F(ApiClientTest, ExecutesByAlias) {
    http.answer("PUT http://server/api/v1/task/alias/hello/execute", 200, R"({"run_id": "r1"})");
    const auto answer =
        client.execute({.alias = "hello", .cluster = "big", .env = {{"A", "1"}, {"B", ""}}, .owner = "ada"});
    EXPECT_EQ(answer, R"({"run_id": "r1"})");
    EXPECT_EQ(
        http.requests.at(0).body,
        R"({"cluster":"big","env":[{"name":"A","value":"1"},{"name":"B","value":""}],"run_tags":{"owner_id":"ada"}})");
}

TEST_F(ApiClientTest, LeavesTheClusterToTheServer) {
    http.answer("PUT http://server/api/v1/task/alias/hello/execute", 200, "{}");
    std::ignore = client.execute({.alias = "hello", .cluster = std::nullopt, .env = {}, .owner = "ada"});
    EXPECT_EQ(http.requests.at(0).body, R"({"env":[],"run_tags":{"owner_id":"ada"}})");
}

TEST_F(ApiClientTest, ListsRunsThatMatch) {
    http.answer("GET http://server/api/v1/history?status=RUNNING&user=a%20b", 200, R"({"history": []})");
    EXPECT_EQ(client.runs({{"status", "RUNNING"}, {"user", "a b"}}), R"({"history": []})");
}

TEST_F(ApiClientTest, PagesOnInALog) {
    http.answer("GET http://server/api/v1/r1/logs", 200, R"({"log": "a", "last_seen": "1+"})");
    http.answer("GET http://server/api/v1/r1/logs?last_seen=1%2B", 200, R"({"log": ""})");
    const auto first = client.log("r1", "");
    EXPECT_EQ(first.text, "a");
    EXPECT_EQ(client.log("r1", first.last_seen).text, "");
}

TEST_F(ApiClientTest, StopsARunByItsDefinition) {
    http.answer("GET http://server/api/v1/history/r1", 200, R"({"run_id": "r1", "definition_id": "d1"})");
    http.answer("DELETE http://server/api/v1/task/d1/history/r1", 200, R"({"terminated": true})");
    client.stop("r1");
    EXPECT_EQ(http.requests.at(1).method, "DELETE");
}

TEST_F(ApiClientTest, SaysThatARunHasEndedAlready) {
    http.answer("GET http://server/api/v1/history/r1", 200, R"({"run_id": "r1", "status": "STOPPED"})");
    EXPECT_EQ(error_of(ErrorKind::invalid, [&] { client.stop("r1"); }), "run r1 has ended already");
    EXPECT_EQ(http.requests.size(), 1);
}

TEST_F(ApiClientTest, SendsTheToken) {
    http.answer("GET http://server/api/v1/history/r1", 200, "{}");
    ApiClient known(http, {.url = "server/", .token = "secret"});
    std::ignore = known.run("r1");
    EXPECT_THAT(http.requests.at(0).headers, Contains(Pair("Authorization", "Bearer secret")));
}

TEST_F(ApiClientTest, AsksTheServerWhoseTheTokenIs) {
    EXPECT_EQ(client.caller(), "");
    EXPECT_TRUE(http.requests.empty());
    ApiClient known(http, {.url = "server", .token = "secret"});
    http.answer("GET http://server/api/v1/whoami", 200, R"({"name": "ada", "auth_mode": "token"})");
    http.answer("GET http://server/api/v1/whoami", 200, R"({"name": "", "auth_mode": "none"})");
    EXPECT_EQ(known.caller(), "ada");
    EXPECT_EQ(known.caller(), "");
}

TEST_F(ApiClientTest, SendsNoTokenThatWouldBreakAHeader) {
    for (const char* token : {"a\r\nX: y", "a b", "\x7f", "\xc3\xa9"}) {
        ApiClient known(http, {.url = "server", .token = token});
        const auto message = error_of(ErrorKind::invalid, [&] { std::ignore = known.run("r1"); });
        EXPECT_EQ(message, "the token has characters that no token has; check FLOTILLA_TOKEN or --token");
    }
    EXPECT_TRUE(http.requests.empty());
}

TEST_F(ApiClientTest, PassesTheServersErrorOn) {
    http.answer("GET http://server/api/v1/history/r1", 404, R"({"error": "run r1 does not exist"})");
    http.answer("GET http://server/api/v1/history/r2", 400, R"({"error": "bad"})");
    http.answer("GET http://server/api/v1/history/r3", 503, R"({"error": "the database is away"})");
    http.answer("GET http://server/api/v1/history/r4", 401, R"({"error": "who are you"})");
    http.answer("GET http://server/api/v1/history/r5", 500, R"({"error": "internal error"})");
    EXPECT_EQ(error_of(ErrorKind::not_found, [&] { std::ignore = client.run("r1"); }),
              "run r1 does not exist");
    EXPECT_EQ(error_of(ErrorKind::invalid, [&] { std::ignore = client.run("r2"); }), "bad");
    EXPECT_EQ(error_of(ErrorKind::unavailable, [&] { std::ignore = client.run("r3"); }),
              "the database is away; try again later");
    EXPECT_EQ(error_of(ErrorKind::invalid, [&] { std::ignore = client.run("r4"); }),
              "who are you; set FLOTILLA_TOKEN or --token");
    ApiClient known(http, {.url = "server", .token = "secret"});
    EXPECT_EQ(error_of(ErrorKind::invalid, [&] { std::ignore = known.run("r4"); }),
              "who are you; check FLOTILLA_TOKEN or --token");
    http.answer("GET http://server/api/v1/history/r6", 403, R"({"error": "you may not"})");
    EXPECT_EQ(error_of(ErrorKind::invalid, [&] { std::ignore = client.run("r6"); }), "you may not");
    EXPECT_EQ(error_of(ErrorKind::unavailable, [&] { std::ignore = client.run("r5"); }),
              "http://server failed: internal error; its log says more");
}

TEST_F(ApiClientTest, KnowsAServerThatIsNotFlotilla) {
    http.answer("GET http://server/api/v1/history/r1", 502, "<html>Bad Gateway</html>");
    EXPECT_EQ(error_of(ErrorKind::unavailable, [&] { std::ignore = client.run("r1"); }),
              "http://server does not answer as a Flotilla server (status 502); check --server");
}

/// Breaks off after each three bytes of a log.
class BreakingHttpClient final : public HttpClient {
public:
    HttpResponse send(const HttpRequest& request) override {
        const bool is_first = request.headers.empty();
        const std::size_t begin = is_first ? 0 : std::stoul(request.headers.back().second.substr(6));
        if (begin >= log.size()) {
            return {.status = 416, .headers = {}, .body = R"({"error": "the log has 8 bytes"})"};
        }
        std::ignore = request.take_body(std::string_view(log).substr(begin, 3));
        throw unavailable("the connection broke");
    }
    const std::string log = "12345678";
};

TEST(ApiClientRawLogTest, GoesOnWhereAConnectionBroke) {
    BreakingHttpClient breaking;
    ApiClient client(breaking, {.url = "http://server", .token = ""});
    std::string taken;
    client.raw_log("r1", [&](std::string_view piece) {
        taken += piece;
        return true;
    });
    EXPECT_EQ(taken, breaking.log);
}

TEST_F(ApiClientTest, SaysWhyALogCannotBeHad) {
    http.answer("GET http://server/api/v1/r1/logs?raw", 404, R"({"error": "Run with id r1 not found"})");
    EXPECT_THAT(error_of(ErrorKind::not_found, [&] { client.raw_log("r1", [](auto) { return true; }); }),
                HasSubstr("Run with id r1 not found"));
}

}  // namespace
}  // namespace flotilla
