#include <gmock/gmock.h>

#include "api/api.hpp"
#include "api/cookie.hpp"
#include "service/token_service.hpp"
#include "store/sql_token_store.hpp"
#include "support/api_services.hpp"

namespace flotilla {
namespace {

using testing::HasSubstr;

/// Signing in with a browser, where tokens are asked for.
struct SessionTest : testing::Test {
    Response send(HttpVerb verb, std::string target, Headers headers, std::string body = {}) {
        return api.answer({.verb = verb,
                           .target = std::move(target),
                           .headers = std::move(headers),
                           .body = std::move(body)});
    }
    Response sign_in(const std::string& with, Headers headers = {}) {
        return send(HttpVerb::post, "/api/v1/session", std::move(headers), R"({"token": ")" + with + "\"}");
    }
    static std::string header(const Response& response, std::string_view name) {
        return std::string(find_header(response.headers, name).value_or("none"));
    }

    test::ControlPlane plane;
    SqlTokenStore tokens{plane.database};
    TokenService token_service{tokens, plane.clock};
    RunTokens run_tokens{"key"};
    Authenticator authenticator{tokens, plane.clock, run_tokens};
    HttpMetrics http_metrics{plane.registry};
    Api api{
        test::api_services(plane),
        http_metrics,
        {.cors_allowed_origins = {}, .host_names = {}, .public_url = {}, .authenticator = &authenticator}};
    const std::string token = token_service.create("ada", std::string(access_token_bytes, 'a'));
    const Headers cookie{{"Cookie", "other=1; flotilla_token=" + token}};
    const Headers cookie_of_page{{"Cookie", "flotilla_token=" + token},
                                 {"Host", "127.0.0.1:3000"},
                                 {"Origin", "http://127.0.0.1:3000"}};
};

TEST_F(SessionTest, WhoSignsInGetsACookieThatNoScriptCanRead) {
    const auto response = sign_in(token);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{\"name\":\"ada\",\"auth_mode\":\"token\"}\n");
    EXPECT_EQ(header(response, "Set-Cookie"),
              "flotilla_token=" + token + "; Path=/; Max-Age=7776000; HttpOnly; SameSite=Strict");
}

TEST_F(SessionTest, WhereThePageCameByTlsTheCookieStaysWithTls) {
    const Headers by_tls{{"Host", "127.0.0.1"}, {"Origin", "https://127.0.0.1"}};
    EXPECT_THAT(header(sign_in(token, by_tls), "Set-Cookie"), HasSubstr("; Secure"));
}

TEST_F(SessionTest, OnlyTheTokenOfAPersonSignsIn) {
    EXPECT_EQ(sign_in("nonsense").status, 401);
    EXPECT_EQ(sign_in(access_token_text(std::string(access_token_bytes, 'x'))).status, 401);
    EXPECT_EQ(sign_in(run_tokens.token_of({"id"})).status, 403);
    EXPECT_EQ(sign_in("").status, 400);
    for (const char* with : {"nonsense", ""}) {
        EXPECT_EQ(header(sign_in(with), "Set-Cookie"), "none");
    }
    EXPECT_EQ(sign_in(token, {{"Host", "127.0.0.1"}, {"Origin", "http://evil.example"}}).status, 403);
}

TEST_F(SessionTest, TheCookieReads) {
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/whoami", cookie).body,
              "{\"name\":\"ada\",\"auth_mode\":\"token\"}\n");
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/task", {{"Cookie", "flotilla_token=x"}}).status, 401);
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/task", {{"Cookie", "token=" + token}}).status, 401);
}

TEST_F(SessionTest, TheCookieChangesThingsForThePageOnly) {
    const std::string definition =
        R"({"alias": "a", "group_name": "g", "image": "debian:12", "memory": 100, "command": "true"})";
    const auto refused = send(HttpVerb::post, "/api/v1/task", cookie, definition);
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("without an Origin"));
    EXPECT_EQ(send(HttpVerb::post, "/api/v1/task", cookie_of_page, definition).status, 200);
    EXPECT_EQ(plane.definitions.find_by_alias("a")->created_by, "ada");
}

TEST_F(SessionTest, AuthorizationCountsBeforeACookie) {
    Headers both = cookie;
    both.emplace_back("Authorization", "Bearer nonsense");
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/whoami", both).status, 401);
}

TEST_F(SessionTest, WhoSignsOutLosesTheCookie) {
    const auto response = send(HttpVerb::delete_, "/api/v1/session", cookie_of_page);
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(header(response, "Set-Cookie"), HasSubstr("flotilla_token=; Path=/; Max-Age=0"));
}

TEST_F(SessionTest, ARevokedTokenIsSignedOut) {
    token_service.revoke("ada");
    EXPECT_EQ(send(HttpVerb::get, "/api/v1/whoami", cookie).status, 401);
}

TEST(SessionWithoutTokensTest, NobodyNeedsToSignIn) {
    test::ControlPlane plane;
    HttpMetrics http_metrics{plane.registry};
    const Api api(test::api_services(plane), http_metrics, {});
    const auto response = api.answer(
        {.verb = HttpVerb::post, .target = "/api/v1/session", .headers = {}, .body = R"({"token": "x"})"});
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr("asks for no token"));
}

TEST(CookieTest, IsFoundByItsWholeName) {
    const Headers headers{{"cookie", "a=1;b = 2; ab=3"}, {"Cookie", "c=4; a=5"}};
    EXPECT_EQ(find_cookie(headers, "a"), "1");
    EXPECT_EQ(find_cookie(headers, "ab"), "3");
    EXPECT_EQ(find_cookie(headers, "c"), "4");
    EXPECT_EQ(find_cookie(headers, "b"), std::nullopt);
    EXPECT_EQ(find_cookie({}, "a"), std::nullopt);
}

}  // namespace
}  // namespace flotilla
