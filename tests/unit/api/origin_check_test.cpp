#include "api/origin_check.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

struct OriginCheckTest : testing::Test {
    bool lets_in(const std::string& origin, const std::string& host = "127.0.0.1:3000",
                 HttpVerb verb = HttpVerb::put) {
        return !check.refusal(
            {.verb = verb, .target = "/", .headers = {{"Host", host}, {"origin", origin}}, .body = {}});
    }

    Cors cors{{"http://page.example"}};
    OriginCheck check{"https://flotilla.example.org/flotilla", cors};
};

TEST_F(OriginCheckTest, OurOwnPagesMayChangeThings) {
    EXPECT_TRUE(lets_in("http://127.0.0.1:3000"));
    EXPECT_TRUE(lets_in("http://[::1]:3000", "[::1]:3000"));
    EXPECT_TRUE(lets_in("http://localhost", "localhost:80"));
    EXPECT_TRUE(lets_in("https://behind.tls", "behind.tls"));
}

TEST_F(OriginCheckTest, ThePagesOfThePublicUrlAndOfAllowedOriginsMayToo) {
    EXPECT_TRUE(lets_in("https://flotilla.example.org"));
    EXPECT_TRUE(lets_in("https://flotilla.example.org:443"));
    EXPECT_TRUE(lets_in("http://page.example"));
}

TEST_F(OriginCheckTest, OtherPagesMayNot) {
    for (const char* origin :
         {"http://evil.example", "http://127.0.0.1:3001", "http://127.0.0.1", "http://flotilla.example.org",
          "https://page.example", "https://flotilla.example.org.evil", "null", ""}) {
        EXPECT_FALSE(lets_in(origin)) << origin;
    }
}

TEST_F(OriginCheckTest, OnlyWhatChangesSomethingIsAsked) {
    for (const auto verb : {HttpVerb::get, HttpVerb::head, HttpVerb::options}) {
        EXPECT_TRUE(lets_in("http://evil.example", "localhost", verb));
    }
    for (const auto verb : {HttpVerb::post, HttpVerb::put, HttpVerb::delete_, HttpVerb::other}) {
        EXPECT_FALSE(lets_in("http://evil.example", "localhost", verb));
    }
}

TEST_F(OriginCheckTest, WithoutAnOriginThereIsNoPage) {
    EXPECT_FALSE(check.refusal({.verb = HttpVerb::put, .target = "/", .headers = {}, .body = {}}));
}

TEST_F(OriginCheckTest, TheRefusalSaysWhatToSet) {
    const auto refusal = check.refusal(
        {.verb = HttpVerb::post, .target = "/", .headers = {{"Origin", "http://evil"}}, .body = {}});
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 403);
    EXPECT_EQ(refusal->body,
              "{\"error\":\"pages of the origin [http://evil] may change nothing here: add it to "
              "http.server.cors_allowed_origins\"}\n");
}

}  // namespace
}  // namespace flotilla
