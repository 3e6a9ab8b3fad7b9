// The vectors are those that AWS publishes with Signature Version 4 (aws-sig-v4-test-suite); botocore makes
// the same.
#include "net/aws/signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_text.hpp"

namespace flotilla {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string authorization_of(HttpRequest request, const std::string& session_token = "") {
    sign(request, {"us-east-1", "service"},
         {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", session_token},
         parse_time("2015-08-30T12:36:00Z").value());
    return request.headers.back().second;
}

TEST(Signature, OfAGetIsThatOfThePublishedVector) {
    EXPECT_EQ(authorization_of({.url = "https://example.amazonaws.com/"}),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, "
              "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(Signature, OfAPostIsThatOfThePublishedVector) {
    EXPECT_THAT(authorization_of({.method = "POST", .url = "https://example.amazonaws.com/"}),
                EndsWith("Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
}

TEST(Signature, PutsTheQueryInOrder) {
    EXPECT_THAT(authorization_of({.url = "https://example.amazonaws.com/?Param2=value2&Param1=value1"}),
                EndsWith("Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"));
}

TEST(Signature, CoversTheBodyAndItsType) {
    HttpRequest request{.method = "POST", .url = "https://example.amazonaws.com/"};
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = "Param1=value1";
    EXPECT_THAT(authorization_of(request),
                EndsWith("Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"));
}

TEST(Signature, CoversEveryHeader) {
    HttpRequest request{.method = "POST", .url = "https://example.amazonaws.com"};
    request.headers = {{"My-Header1", " value1 "}};
    EXPECT_THAT(authorization_of(request),
                EndsWith("Signature=c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"));
}

TEST(Signature, CoversTheTokenOfTemporaryCredentials) {
    HttpRequest request{.method = "POST", .url = "https://example.amazonaws.com/"};
    request.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"X-Amz-Target", "X.Y"}};
    request.body = "{}";
    const std::string authorization = authorization_of(request, "TOKEN/+=");
    EXPECT_THAT(authorization, HasSubstr("x-amz-security-token;x-amz-target"));
    EXPECT_THAT(authorization,
                EndsWith("Signature=e76a48222d6d58accb7e4d54ab96080f1044b7ee5dd55a6561fb98b6ff922882"));
}

}  // namespace
}  // namespace flotilla
