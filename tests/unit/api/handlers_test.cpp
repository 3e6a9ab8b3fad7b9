#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api.hpp"
#include "support/api_services.hpp"

namespace flotilla {
namespace {

const std::string definition_body =
    R"({"alias": "a/b", "group_name": "g", "image": "debian:12", "memory": 100, "command": "true", "tags": ["t"]})";

struct HandlersTest : testing::Test {
    Response send(HttpVerb verb, std::string target, std::string body = {}) {
        return api.answer(
            {.verb = verb, .target = std::move(target), .headers = {}, .body = std::move(body)});
    }
    Response get(std::string target) { return send(HttpVerb::get, std::move(target)); }
    Response put(std::string target, std::string body) {
        return send(HttpVerb::put, std::move(target), std::move(body));
    }
    /// Makes the definition g-id-1.
    void define() { ASSERT_EQ(send(HttpVerb::post, "/api/v1/task", definition_body).status, 200); }
    /// Makes it and the run id-2.
    void execute() {
        define();
        ASSERT_EQ(put("/api/v1/task/g-id-1/execute", "{}").status, 200);
    }
    static bool has(const Response& response, std::string_view text) {
        return response.body.find(text) != std::string::npos;
    }

    test::ControlPlane plane;
    HttpMetrics http_metrics{plane.registry};
    Api api{test::api_services(plane), http_metrics, {}};
};

TEST_F(HandlersTest, ADefinitionIsMadeReadChangedAndDeleted) {
    define();
    EXPECT_TRUE(has(get("/api/v1/task/g-id-1"), R"("alias":"a/b")"));
    EXPECT_TRUE(has(get("/api/v1/task/alias/a%2Fb"), R"("definition_id":"g-id-1")"));
    EXPECT_TRUE(has(put("/api/v1/task/g-id-1", R"({"memory": 200, "tags": []})"),
                    R"("memory":200,"command":"true",)"));
    EXPECT_EQ(send(HttpVerb::delete_, "/api/v1/task/g-id-1").body, "{\"deleted\":true}\n");
    EXPECT_EQ(get("/api/v1/task/g-id-1").status, 404);
}

TEST_F(HandlersTest, AChangeOfADefinitionThatChangedMeanwhileIsRefusedWhereItSaysWhatItIsOf) {
    define();
    const auto read = get("/api/v1/task/g-id-1");
    const std::string tag(find_header(read.headers, "ETag").value_or(""));
    EXPECT_EQ(find_header(get("/api/v1/task/alias/a%2Fb").headers, "ETag"), tag);
    const auto change = [&](const char* body) {
        return api.answer({.verb = HttpVerb::put,
                           .target = "/api/v1/task/g-id-1",
                           .headers = {{"If-Match", tag}},
                           .body = body});
    };
    const auto changed = change(R"({"memory": 200})");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(find_header(changed.headers, "ETag"), find_header(get("/api/v1/task/g-id-1").headers, "ETag"));
    EXPECT_NE(find_header(changed.headers, "ETag"), tag);
    const auto refused = change(R"({"memory": 300})");
    EXPECT_EQ(refused.status, 412);
    EXPECT_EQ(refused.body,
              "{\"error\":\"definition g-id-1 has changed since you read it: read it again\"}\n");
    EXPECT_EQ(put("/api/v1/task/g-id-1", R"({"memory": 300})").status, 200);
}

TEST_F(HandlersTest, ATakenAliasIsAConflict) {
    define();
    const auto response = send(HttpVerb::post, "/api/v1/task", definition_body);
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.body, "{\"error\":\"definition with alias [a/b] aleady exists\"}\n");
}

TEST_F(HandlersTest, AnEmptyDefinitionNamesEverythingThatItLacks) {
    for (const char* body : {"{}", "null"}) {
        const auto response = send(HttpVerb::post, "/api/v1/task", body);
        EXPECT_EQ(response.status, 400);
        EXPECT_TRUE(
            has(response, R"(string [image] must be specified\nstring [group_name] must be specified\n)"));
    }
}

TEST_F(HandlersTest, DefinitionsGroupsTagsAndClustersAreListed) {
    define();
    EXPECT_TRUE(has(get("/api/v1/task?alias=a&limit=1"), R"("limit":1,"offset":0)"));
    EXPECT_TRUE(has(get("/api/v1/task?alias=a"), R"("alias":["a"],"total":1})"));
    EXPECT_EQ(get("/api/v1/groups?name=g&foo=1").body,
              "{\"groups\":[\"g\"],\"limit\":1024,\"offset\":0,\"total\":1}\n");
    EXPECT_EQ(get("/api/v1/tags").body, "{\"tags\":[\"t\"],\"limit\":1024,\"offset\":0,\"total\":1}\n");
    EXPECT_EQ(get("/api/v1/clusters?limit=1").body, "{\"clusters\":[\"default\",\"empty\"]}\n");
}

TEST_F(HandlersTest, AQueryThatIsWrongIsRefused) {
    for (const char* query :
         {"foo=bar", "limit=-1", "limit=abc", "order=up", "sort_by=", "memory=x", "alias=%zz"}) {
        EXPECT_EQ(get(std::string("/api/v1/task?") + query).status, 400) << query;
    }
}

TEST_F(HandlersTest, EveryVersionOfExecuteKnowsTheOwnerItsWay) {
    define();
    const std::string tags = R"({"run_tags": {"owner_id": "o1", "owner_email": "a@b.c", "team_name": "t"}})";
    EXPECT_TRUE(has(put("/api/v1/task/g-id-1/execute", tags), R"("user":"v1-unknown")"));
    EXPECT_TRUE(has(put("/api/v2/task/g-id-1/execute", tags), R"("user":"a@b.c")"));
    EXPECT_TRUE(has(put("/api/v4/task/g-id-1/execute", tags), R"("user":"o1")"));
    EXPECT_TRUE(has(put("/api/v1/task/alias/a%2Fb/execute", tags), R"("user":"o1")"));
}

TEST_F(HandlersTest, NobodyIsKnownWhereNobodyIsAsked) {
    EXPECT_EQ(get("/api/v1/whoami").body, "{\"name\":\"\",\"auth_mode\":\"none\"}\n");
}

TEST_F(HandlersTest, MissingTagsAreSaidBeforeAMissingDefinition) {
    const std::string by_email = "run_tags must exist in body and contain [owner_email] and [team_name]";
    const std::string by_id = "run_tags must exist in body and contain [owner_id]";
    EXPECT_TRUE(has(put("/api/v2/task/nope/execute", R"({"run_tags": {"owner_email": "a"}})"), by_email));
    EXPECT_TRUE(has(put("/api/v2/task/nope/execute", R"({"run_tags": {"team_name": "a"}})"), by_email));
    EXPECT_TRUE(has(put("/api/v4/task/nope/execute", "{}"), by_id));
    EXPECT_TRUE(has(put("/api/v1/task/alias/nope/execute", R"({"run_tags": null})"), by_id));
    EXPECT_TRUE(has(put("/api/v1/task/nope/execute", "{}"), "Definition with ID nope not found"));
}

TEST_F(HandlersTest, ClusterAndEnvironmentOfAnExecuteCallAreUsed) {
    define();
    EXPECT_TRUE(has(put("/api/v1/task/g-id-1/execute", R"({"env": [{"name": "A", "value": "1"}]})"),
                    R"(,{"name":"A","value":"1"}])"));
    EXPECT_EQ(put("/api/v1/task/g-id-1/execute", R"({"cluster": "empty"})").status, 400);
    EXPECT_EQ(put("/api/v1/task/g-id-1/execute", R"({"env": [{"name": "FLOTILLA_RUN_ID"}]})").status, 409);
}

TEST_F(HandlersTest, ARunIsFoundByEachOfItsPaths) {
    execute();
    for (const char* path :
         {"/api/v1/history/id-2", "/api/v1/task/history/id-2", "/api/v1/task/nope/history/id-2"}) {
        EXPECT_TRUE(has(get(path), R"("run_id":"id-2")")) << path;
    }
    EXPECT_TRUE(has(get("/api/v1/history/nope"), "Run with id nope not found"));
    EXPECT_TRUE(has(get("/api/v1/task/history"), "Definition with ID history not found"));
}

TEST_F(HandlersTest, RunsOfADefinitionAreThoseOfThePath) {
    execute();
    const auto response = get("/api/v1/task/g-id-1/history?definition_id=other&status=QUEUED");
    EXPECT_TRUE(has(response, R"("status":["QUEUED"],"definition_id":["g-id-1"],"total":1})"));
    EXPECT_EQ(get("/api/v1/task/nope/history").status, 404);
    EXPECT_TRUE(has(get("/api/v1/history"), R"("total":1})"));
}

TEST_F(HandlersTest, AMissingDefinitionIsSaidBeforeTheRestOfTheQuery) {
    EXPECT_EQ(get("/api/v1/history?definition_id=nope&status=BAD").status, 404);
    EXPECT_EQ(get("/api/v1/history?status=BAD").body, "{\"error\":\"invalid status [BAD]\"}\n");
}

TEST_F(HandlersTest, ARunIsStoppedOnce) {
    execute();
    EXPECT_EQ(send(HttpVerb::delete_, "/api/v1/task/nope/history/id-2").body, "{\"terminated\":true}\n");
    EXPECT_EQ(send(HttpVerb::delete_, "/api/v1/task/nope/history/id-2").status, 400);
}

TEST_F(HandlersTest, AJobReportsItsOwnStatus) {
    execute();
    EXPECT_EQ(put("/api/v1/id-2/status", R"({"status": "STOPPED", "exit_code": 3, "x": {}})").body,
              "{\"updated\":true}\n");
    EXPECT_TRUE(has(get("/api/v1/history/id-2"), R"("exit_code":3,"status":"STOPPED")"));
    EXPECT_EQ(put("/api/v1/id-2/status", "null").body, "{\"error\":\"status  is invalid\"}\n");
    EXPECT_EQ(put("/api/v1/nope/status", R"({"status": "RUNNING"})").status, 404);
}

TEST_F(HandlersTest, WhereParametersAreNoFiltersUnknownOnesAreIgnored) {
    for (const char* path :
         {"/api/v1/groups?foo=bar&sort_by=bad", "/api/v1/tags?order=up", "/api/v1/clusters?limit=1"}) {
        EXPECT_EQ(get(path).status, 200) << path;
    }
    EXPECT_EQ(get("/api/v1/history?foo=bar").status, 400);
}

TEST_F(HandlersTest, LogsPageOnByTheirToken) {
    execute();
    EXPECT_EQ(get("/api/v1/id-2/logs").body, "{\"log\":\"\"}\n");
    ASSERT_EQ(put("/api/v1/id-2/status", R"({"status": "RUNNING"})").status, 200);
    plane.logs.logs[{"id-2", 1}] = "a line\n";
    EXPECT_EQ(get("/api/v1/id-2/logs").body, "{\"last_seen\":\"1/7\",\"log\":\"a line\"}\n");
    EXPECT_EQ(get("/api/v1/id-2/logs?last_seen=1/7").body, "{\"last_seen\":\"1/7\",\"log\":\"\"}\n");
    EXPECT_TRUE(has(get("/api/v1/task/logs"), "Definition with ID logs not found"));
}

TEST_F(HandlersTest, HealthIsOk) {
    EXPECT_EQ(get("/health").body, "{\"status\":\"ok\"}\n");
}

TEST_F(HandlersTest, ReadyIsWhoseStoreAndEnginesAnswer) {
    EXPECT_EQ(get("/ready").body,
              R"({"status":"ready","checks":{"store":"ok","clusters":{"default":"ok","empty":"ok"}}})"
              "\n");
    plane.engine.reported_trouble = "it sulks";
    EXPECT_EQ(get("/ready").status, 503);
    EXPECT_TRUE(
        has(get("/ready"), R"({"error":"not ready: cluster default: it sulks; cluster empty: it sulks",)"));
    plane.engine.reported_trouble.reset();
    plane.database.write([](SqlSession& session) { session.execute("ALTER TABLE runs RENAME TO gone", {}); });
    const auto response = get("/ready");
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(has(response, "no such table"));
    EXPECT_TRUE(find_header(response.headers, "Retry-After"));
    EXPECT_EQ(get("/health").status, 200);
}

TEST_F(HandlersTest, RequestsAreCountedByRouteMethodAndStatus) {
    define();
    (void)get("/api/v1/task/g-id-1");
    (void)get("/api/v1/task/unknown-1");
    (void)get("/api/v1/task/unknown-2");
    (void)get("/nowhere");
    const auto response = get("/metrics");
    EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
    for (const std::string series :
         {R"(requests_total{method="POST",route="/api/v1/task",status="200"} 1)",
          R"(requests_total{method="GET",route="/api/v1/task/{definition_id}",status="200"} 1)",
          R"(requests_total{method="GET",route="/api/v1/task/{definition_id}",status="404"} 2)",
          R"(requests_total{method="GET",route="unknown",status="404"} 1)",
          R"(request_duration_seconds_count{method="GET",route="/api/v1/task/{definition_id}"} 3)"}) {
        EXPECT_TRUE(has(response, "\nflotilla_http_" + series + "\n")) << series;
    }
}

TEST_F(HandlersTest, EachRequestIsALineOfTheLogWithWhatIsToBeKnownOfIt) {
    testing::internal::CaptureStderr();
    (void)api.answer({.verb = HttpVerb::put,
                      .target = "/api/v1/no-such-run/status?x=secret",
                      .headers = {{"X-Request-Id", "q-1"}},
                      .body = R"({"status": "RUNNING"})"});
    (void)get("/nowhere/" + std::string(1'000, 'x') + "%0a");
    (void)get("/api/v1/histori?env=NAME|secret");
    (void)get("/health");
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_THAT(
        log,
        testing::HasSubstr(
            " info event=request method=PUT route=/api/v1/{run_id}/status run_id=no-such-run status=404 "));
    EXPECT_THAT(log, testing::HasSubstr(" caller=\"\" request_id=q-1\n"));
    EXPECT_THAT(
        log, testing::HasSubstr(" event=request method=GET target=/nowhere/" + std::string(191, 'x') + " "));
    EXPECT_EQ(log.find("secret"), std::string::npos);
    EXPECT_EQ(log.find("/health"), std::string::npos);
}

TEST_F(HandlersTest, EveryAnswerHasTheIdOfItsRequest) {
    const Api closed(test::api_services(plane), http_metrics, {.host_names = {"here"}});
    for (const auto& [host, origin, status] : {std::tuple{"here", "http://here", 404},
                                               {"here", "http://evil", 403},
                                               {"evil", "http://evil", 421}}) {
        const auto answer =
            closed.answer({.verb = HttpVerb::post,
                           .target = "/x",
                           .headers = {{"Host", host}, {"Origin", origin}, {"X-Request-Id", "the-id"}},
                           .body = {}});
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(find_header(answer.headers, "X-Request-Id"), "the-id");
    }
}

TEST_F(HandlersTest, AnswersToAllowedOriginsSaySo) {
    const Api open(test::api_services(plane), http_metrics, {{"http://page"}});
    const Headers from_page{{"Origin", "http://page"}, {"Access-Control-Request-Method", "PUT"}};
    const auto answer =
        open.answer({.verb = HttpVerb::get, .target = "/health", .headers = from_page, .body = {}});
    EXPECT_EQ(find_header(answer.headers, "Access-Control-Allow-Origin"), "http://page");
    EXPECT_EQ(
        open.answer({.verb = HttpVerb::options, .target = "/x", .headers = from_page, .body = {}}).status,
        200);
    EXPECT_EQ(
        api.answer({.verb = HttpVerb::options, .target = "/x", .headers = from_page, .body = {}}).status,
        404);
}

}  // namespace
}  // namespace flotilla
