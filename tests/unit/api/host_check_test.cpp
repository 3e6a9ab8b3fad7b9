#include "api/host_check.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

IncomingRequest request_to(const std::string& host, const std::string& target = "/") {
    return {.verb = HttpVerb::get, .target = target, .headers = {{"host", host}}, .body = {}};
}

bool lets_in(const HostCheck& check, const std::string& host) {
    return !check.refusal(request_to(host));
}

TEST(HostCheckTest, AddressesAndLocalhostAreAlwaysOurs) {
    const HostCheck check({});
    for (const char* host : {"127.0.0.1", "127.0.0.1:3000", "[::1]:3000", "10.1.2.3", "localhost",
                             "LOCALHOST:1", "localhost."}) {
        EXPECT_TRUE(lets_in(check, host)) << host;
    }
}

TEST(HostCheckTest, NamesAreOursWhenTheyAreSaidWithAnyPort) {
    const HostCheck check({"Flotilla.example.org", ""});
    EXPECT_TRUE(lets_in(check, "flotilla.example.org"));
    EXPECT_TRUE(lets_in(check, "FLOTILLA.example.org:8080"));
    for (const char* host :
         {"example.org", "a.flotilla.example.org", "flotilla.example.org.evil", "", "a b"}) {
        EXPECT_FALSE(lets_in(check, host)) << host;
    }
}

TEST(HostCheckTest, AStarIsEveryName) {
    EXPECT_TRUE(lets_in(HostCheck({"*"}), "evil.example"));
}

TEST(HostCheckTest, ARequestWithoutAHostIsLetIn) {
    EXPECT_FALSE(HostCheck({}).refusal({.verb = HttpVerb::get, .target = "/", .headers = {}, .body = {}}));
}

TEST(HostCheckTest, ATargetThatNamesAnotherHostIsRefused) {
    const HostCheck check({});
    for (const char* target :
         {"http://localhost:3000/health", "http://127.0.0.1", "/a?b=http://evil.example"}) {
        EXPECT_FALSE(check.refusal(request_to("localhost", target))) << target;
    }
    for (const char* target : {"http://evil.example/health", "http://evil.example",
                               "x://localhost@evil.example", "http:///health"}) {
        const auto refusal = check.refusal(request_to("localhost", target));
        ASSERT_TRUE(refusal) << target;
        EXPECT_EQ(refusal->status, 421);
    }
}

TEST(HostCheckTest, TheRefusalSaysWhatToSet) {
    const auto refusal = HostCheck({}).refusal(request_to("evil.example:3000"));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 421);
    EXPECT_EQ(refusal->body,
              "{\"error\":\"the Host [evil.example:3000] is none of this server's names: add it to "
              "http.server.allowed_hosts or set http.server.public_url\"}\n");
}

}  // namespace
}  // namespace flotilla
