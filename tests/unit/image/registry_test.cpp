#include "image/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// As skopeo 1.9 writes it.
std::string fatal(const std::string& message) {
    return "time=\"2026-11-23T22:25:03Z\" level=fatal msg=\"Error parsing image name "
           "\\\"docker://quay.io/team/app:1\\\": " +
           message + "\"\n";
}

PullFailure explain(const std::string& message) {
    return explain_skopeo_failure(fatal(message), "quay.io", *parse_image_reference("quay.io/team/app:1"));
}

TEST(SkopeoFailure, AnImageThatDoesNotExistIsDenied) {
    const auto failure =
        explain("reading manifest 1 in quay.io/team/app: manifest unknown: manifest unknown");
    ASSERT_TRUE(std::holds_alternative<PullDenied>(failure));
    EXPECT_EQ(reason_of(failure),
              "registry quay.io has no image team/app:1: manifest unknown: manifest unknown");
}

TEST(SkopeoFailure, WhatMayNotBeReadIsDeniedAndNamesTheCredentials) {
    for (const char* message :
         {"reading manifest 1 in quay.io/team/app: unauthorized: authentication required",
          "reading manifest 1 in quay.io/team/app: StatusCode: 403, forbidden",
          "reading manifest 1 in quay.io/team/app: denied: requested access is denied",
          "pinging container registry quay.io: invalid status code from registry 403 (Forbidden)"}) {
        const auto failure = explain(message);
        EXPECT_TRUE(std::holds_alternative<PullDenied>(failure)) << message;
        EXPECT_THAT(reason_of(failure), HasSubstr("docker_auth")) << message;
    }
}

TEST(SkopeoFailure, ARegistryThatCannotBeReachedMayBeTriedAgain) {
    const auto failure = explain(
        "pinging container registry quay.io: Get \\\"https://quay.io/v2/\\\": dial tcp: lookup quay.io: no "
        "such host");
    ASSERT_TRUE(std::holds_alternative<PullFailed>(failure));
    EXPECT_EQ(reason_of(failure),
              "registry quay.io cannot be reached: dial tcp: lookup quay.io: no such host");
}

TEST(SkopeoFailure, ServerErrorsAndLimitsPass) {
    for (const char* message :
         {"reading manifest 1 in quay.io/team/app: received unexpected HTTP status: 503 Service Unavailable",
          "reading manifest 1 in quay.io/team/app: toomanyrequests: You have reached your pull rate limit, "
          "denied: ",
          "pinging container registry quay.io: invalid status code from registry 503 (Service Unavailable)",
          "reading blob: something new"}) {
        EXPECT_TRUE(std::holds_alternative<PullFailed>(explain(message))) << message;
    }
}

TEST(SkopeoFailure, ALimitIsToldFromATrouble) {
    EXPECT_EQ(reason_of(explain("reading manifest 1 in quay.io/team/app: toomanyrequests: slow down")),
              "registry quay.io wants to be asked less often: toomanyrequests: slow down");
    EXPECT_THAT(
        reason_of(explain("pinging container registry quay.io: invalid status code from registry 502")),
        HasSubstr("is too busy or broken"));
}

TEST(SkopeoFailure, ALimitIsToldFromSilence) {
    const std::string log = "time=\"2026-11-25T09:01:01Z\" level=debug msg=\"GET https://quay.io/v2/\"\n";
    const auto silence = explain_skopeo_timeout(log, "quay.io", std::chrono::milliseconds(2800));
    ASSERT_TRUE(std::holds_alternative<PullFailed>(silence));
    EXPECT_EQ(reason_of(silence), "registry quay.io did not answer within 2.8 seconds");
    const auto limit = explain_skopeo_timeout(
        log +
            "time=\"2026-11-25T09:01:01Z\" level=debug msg=\"Too many requests to https://quay.io/v2/: "
            "sleeping for 2.000000 seconds before next attempt\"\n",
        "quay.io", std::chrono::milliseconds(2800));
    ASSERT_TRUE(std::holds_alternative<PullFailed>(limit));
    EXPECT_EQ(reason_of(limit),
              "registry quay.io wants to be asked less often (429 Too Many Requests, for 2.8 seconds)");
}

TEST(SkopeoFailure, WhatIsInItsLogIsNoReason) {
    const std::string log = "time=\"2026-11-25T09:01:01Z\" level=debug msg=\"StatusCode: 404 denied: \"\n";
    const auto failure = explain_skopeo_failure(log + "panic: no memory\n", "quay.io",
                                                *parse_image_reference("quay.io/team/app:1"));
    ASSERT_TRUE(std::holds_alternative<PullFailed>(failure));
    EXPECT_EQ(reason_of(failure), "team/app:1 could not be fetched from registry quay.io: panic: no memory");
    EXPECT_EQ(reason_of(explain_skopeo_failure(log + fatal("reading manifest 1 in x: manifest unknown"),
                                               "quay.io", *parse_image_reference("quay.io/team/app:1"))),
              "registry quay.io has no image team/app:1: manifest unknown");
}

TEST(SkopeoFailure, PlainHttpNamesTheKeyThatAllowsIt) {
    const auto failure = explain(
        "pinging container registry quay.io: Get \\\"https://quay.io/v2/\\\": http: server gave HTTP "
        "response to "
        "HTTPS client");
    ASSERT_TRUE(std::holds_alternative<PullFailed>(failure));
    EXPECT_THAT(reason_of(failure), HasSubstr("images.insecure_registries"));
}

TEST(SkopeoFailure, AReasonIsOneLineHoweverMuchWasWritten) {
    const auto failure = explain("1 error occurred:\\n\\t* unreadable\\n\\n" + std::string(10000, 'x'));
    EXPECT_EQ(reason_of(failure).find('\n'), std::string::npos);
    EXPECT_LT(reason_of(failure).size(), 500U);
    EXPECT_THAT(reason_of(failure), HasSubstr("1 error occurred: * unreadable"));
    EXPECT_THAT(
        reason_of(explain_skopeo_failure("", "quay.io", *parse_image_reference("quay.io/team/app:1"))),
        HasSubstr("no reason"));
}

TEST(NameInRegistry, HasTheTagOrTheDigest) {
    EXPECT_EQ(name_in_registry(*parse_image_reference("busybox")), "library/busybox:latest");
    const std::string digest = "sha256:" + std::string(64, 'a');
    EXPECT_EQ(name_in_registry(*parse_image_reference("quay.io/team/app:1@" + digest)), "team/app@" + digest);
}

TEST(RegistryEndpoints, MirrorsAreAskedBeforeTheRegistryItself) {
    const RegistryOptions options{.insecure_registries = {},
                                  .mirrors = {{"docker.io", "http://mirror:5000/hub/"},
                                              {"quay.io", "https://other"},
                                              {"docker.io", "https://second"}},
                                  .auth_file = {}};
    EXPECT_THAT(endpoints_of("docker.io", options),
                ElementsAre(RegistryEndpoint{"mirror:5000/hub", true}, RegistryEndpoint{"second", false},
                            RegistryEndpoint{"docker.io", false}));
}

TEST(RegistryEndpoints, OnlyInsecureRegistriesAndLoopbackGoWithoutTls) {
    const RegistryOptions options{.insecure_registries = {"lab:5000"}, .mirrors = {}, .auth_file = {}};
    for (const char* registry : {"lab:5000", "localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"}) {
        EXPECT_TRUE(endpoints_of(registry, options).back().plain_http) << registry;
    }
    for (const char* registry : {"lab", "localhost.example.org", "quay.io", "[2001:db8::1]:5000"}) {
        EXPECT_FALSE(endpoints_of(registry, options).back().plain_http) << registry;
    }
}

}  // namespace
}  // namespace flotilla
