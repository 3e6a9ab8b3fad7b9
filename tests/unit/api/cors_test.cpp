#include "api/cors.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

const std::string origin = "http://localhost:3000";

IncomingRequest preflight(const std::string& from, const std::string& method) {
    return {.verb = HttpVerb::options,
            .target = "/api/v1/task/x",
            .headers = {{"origin", from}, {"access-control-request-method", method}},
            .body = {}};
}

TEST(CorsTest, AnAllowedOriginIsToldSo) {
    const Cors cors({origin});
    EXPECT_EQ(find_header(cors.headers_for({{"Origin", origin}}), "Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(find_header(cors.headers_for({{"Origin", origin}}), "Access-Control-Expose-Headers"),
              "Content-Range, ETag, Retry-After, X-Request-Id");
    EXPECT_EQ(find_header(cors.headers_for({{"Origin", origin}}), "Vary"), "Origin");
}

TEST(CorsTest, AnotherOriginAndNoneAreToldNothing) {
    const Cors cors({origin});
    EXPECT_FALSE(find_header(cors.headers_for({{"Origin", "http://evil"}}), "Access-Control-Allow-Origin"));
    EXPECT_FALSE(find_header(cors.headers_for({}), "Access-Control-Allow-Origin"));
}

TEST(CorsTest, AStarAllowsEveryOrigin) {
    const Cors cors({"*"});
    EXPECT_EQ(find_header(cors.headers_for({{"Origin", "http://x"}}), "Access-Control-Allow-Origin"),
              "http://x");
}

TEST(CorsTest, APreflightSaysWhatIsAllowed) {
    const auto response = Cors({origin}).preflight(preflight(origin, "PUT"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "");
    EXPECT_EQ(find_header(response->headers, "Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(find_header(response->headers, "Access-Control-Allow-Methods"), "GET, DELETE, POST, PUT");
    EXPECT_EQ(find_header(response->headers, "Access-Control-Allow-Headers"),
              "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Range, "
              "X-Request-Id");
}

TEST(CorsTest, APreflightForMoreThanThatIsAnsweredWithoutAllowance) {
    for (const auto& request : {preflight(origin, "PATCH"), preflight("http://evil", "PUT")}) {
        const auto response = Cors({origin}).preflight(request);
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 200);
        EXPECT_FALSE(find_header(response->headers, "Access-Control-Allow-Origin"));
    }
}

TEST(CorsTest, OtherRequestsAreNoPreflight) {
    auto request = preflight(origin, "PUT");
    EXPECT_FALSE(Cors({}).preflight(request));
    request.verb = HttpVerb::get;
    EXPECT_FALSE(Cors({origin}).preflight(request));
    request.verb = HttpVerb::options;
    request.headers = {{"origin", origin}};
    EXPECT_FALSE(Cors({origin}).preflight(request));
}

TEST(CorsTest, WithoutOriginsAnswersSayNothingOfThem) {
    EXPECT_TRUE(Cors({}).headers_for({{"Origin", origin}}).empty());
}

}  // namespace
}  // namespace flotilla
