#include "api/router.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace flotilla {
namespace {

struct RouterTest : testing::Test {
    RouterTest() {
        router.add(HttpVerb::get, "/task", [](const Request&) { return json_response("list"); });
        router.add(HttpVerb::get, "/task/{id}",
                   [](const Request& request) { return json_response("task " + request.path_param("id")); });
        router.add(HttpVerb::get, "/{run}/logs", [](const Request& request) {
            return json_response("logs of " + request.path_param("run"));
        });
        router.add(HttpVerb::put, "/fail",
                   [](const Request& request) -> Response { return fail(request.body); });
    }
    static Response fail(const std::string& how) {
        if (how == "invalid") {
            throw invalid("wrong");
        }
        if (how == "not_found") {
            throw not_found("missing");
        }
        if (how == "conflict") {
            throw conflict("taken");
        }
        if (how == "unavailable") {
            throw unavailable("away");
        }
        if (how == "number") {
            throw 7;
        }
        throw std::runtime_error("secret of ours");
    }
    Response answer(HttpVerb verb, std::string target, std::string body = {}) {
        IncomingRequest request{
            .verb = verb, .target = std::move(target), .headers = {}, .body = std::move(body)};
        handling = {};
        return router.answer(request, handling);
    }
    Handling handling;
    Authentication nobody_is_asked{nullptr};
    Router router{nobody_is_asked};
};

TEST_F(RouterTest, ParametersArePassedByName) {
    EXPECT_EQ(answer(HttpVerb::get, "/task").body, "list");
    EXPECT_EQ(answer(HttpVerb::get, "/task/a%2Fb").body, "task a/b");
    EXPECT_EQ(answer(HttpVerb::get, "/r1/logs").body, "logs of r1");
}

TEST_F(RouterTest, TheFirstRouteThatFitsIsTaken) {
    EXPECT_EQ(answer(HttpVerb::get, "/task/logs").body, "task logs");
}

TEST_F(RouterTest, ItTellsItsRoutes) {
    EXPECT_EQ(router.routes(),
              (std::vector<std::string>{"GET /task", "GET /task/{id}", "GET /{run}/logs", "PUT /fail"}));
}

TEST_F(RouterTest, UnknownPathsAndMethodsAreNotFound) {
    for (const auto& response :
         {answer(HttpVerb::get, "/"), answer(HttpVerb::get, "/TASK"), answer(HttpVerb::get, "/task/a/b"),
          answer(HttpVerb::get, "/task/"), answer(HttpVerb::post, "/task"), answer(HttpVerb::other, "/task"),
          answer(HttpVerb::options, "*")}) {
        EXPECT_EQ(response.status, 404);
        EXPECT_EQ(response.body.find("{\"error\":\""), 0U);
        EXPECT_EQ(response.content_type, "application/json; charset=utf-8");
    }
}

TEST_F(RouterTest, HeadIsAnsweredAsGet) {
    EXPECT_EQ(answer(HttpVerb::head, "/task").body, "list");
    EXPECT_EQ(answer(HttpVerb::head, "/fail").status, 404);
}

TEST_F(RouterTest, ErrorsSayWhatTheSenderCanDo) {
    EXPECT_EQ(answer(HttpVerb::put, "/fail", "invalid").status, 400);
    EXPECT_EQ(answer(HttpVerb::put, "/fail", "invalid").body, "{\"error\":\"wrong\"}\n");
    EXPECT_EQ(answer(HttpVerb::put, "/fail", "not_found").status, 404);
    EXPECT_EQ(answer(HttpVerb::put, "/fail", "conflict").status, 409);
    const auto unavailable_response = answer(HttpVerb::put, "/fail", "unavailable");
    EXPECT_EQ(unavailable_response.status, 503);
    EXPECT_EQ(find_header(unavailable_response.headers, "retry-after"), "1");
}

TEST_F(RouterTest, OurOwnFaultsAreLogged) {
    testing::internal::CaptureStderr();
    const auto response = answer(HttpVerb::put, "/fail", "bug");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("answering /fail: secret of ours"),
              std::string::npos);
    EXPECT_EQ(response.status, 500);
}

TEST_F(RouterTest, OurOwnFaultsTellNothing) {
    for (const char* how : {"bug", "number"}) {
        const auto response = answer(HttpVerb::put, "/fail", how);
        EXPECT_EQ(response.status, 500);
        EXPECT_EQ(response.body, "{\"error\":\"internal error\"}\n");
    }
}

TEST_F(RouterTest, ARouteHasNoCallerWhereNobodyIsAsked) {
    router.add(HttpVerb::get, "/me",
               [](const Request& request) { return json_response("[" + request.caller + "]"); });
    EXPECT_EQ(answer(HttpVerb::get, "/me").body, "[]");
}

TEST_F(RouterTest, ABadEscapeIsInvalid) {
    EXPECT_EQ(answer(HttpVerb::get, "/task?x=%zz").status, 400);
}

}  // namespace
}  // namespace flotilla
