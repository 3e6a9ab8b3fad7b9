#include "engine/ecs/ecr_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ecs/ecs_image_check.hpp"
#include "support/scripted_aws.hpp"
#include "support/scripted_http_client.hpp"

namespace flotilla::test {
namespace {

using ::testing::HasSubstr;

TEST(EcrAccount, IsReadOffTheNameOfTheRegistry) {
    for (const char* registry :
         {"123456789012.dkr.ecr.eu-west-1.amazonaws.com", "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com",
          "123456789012.dkr-ecr.eu-west-1.on.aws"}) {
        const auto account = ecr_account(registry);
        ASSERT_TRUE(account) << registry;
        EXPECT_EQ(account->account, "123456789012");
        EXPECT_EQ(account->region, "eu-west-1");
    }
    EXPECT_EQ(ecr_account("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn").value().region, "cn-north-1");
    for (const char* registry : {"docker.io", "public.ecr.aws", "dkr.ecr.eu-west-1.amazonaws.com",
                                 "123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.org"}) {
        EXPECT_FALSE(ecr_account(registry)) << registry;
    }
}

class UnaskedRegistry final : public ManifestSource {
public:
    ManifestAnswer manifest(const ImageReference&, std::chrono::milliseconds,
                            const std::stop_token&) override {
        ++times;
        return answer;
    }
    int times = 0;
    ManifestAnswer answer = PullFailed{"nobody asks it"};
};

class EcsImageCheckTest : public testing::Test {
protected:
    EcsImageCheckTest() {
        account_.aws.on(
            "GetAuthorizationToken",
            R"({"authorizationData":[{"authorizationToken":"QVdTOnB3","proxyEndpoint":"https://ecr",)"
            R"("expiresAt":1541116800}]})");  // 12 hours after noon
    }
    ImageAnswer check(const std::string& tag) {
        return check_.check({.registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                             .repository = "team/job",
                             .tag = tag,
                             .digest = {}});
    }
    void answer(const std::string& tag, int status, const std::string& body = "") {
        http_.answer("GET https://ecr/v2/team/job/manifests/" + tag, status, body);
    }

    ScriptedAccount account_;
    ScriptedHttpClient http_;
    OptionalActions optional_;
    EcrRegistry ecr_{account_.client, http_, account_.clock, optional_};
    RegistryCheck ecr_check_{ecr_, account_.clock};
    UnaskedRegistry other_;
    RegistryCheck other_check_{other_, account_.clock};
    EcsImageCheck check_{ecr_check_, other_check_, account_.clock};
};

TEST_F(EcsImageCheckTest, ARegistryOfEcrIsAskedWithATokenThatIsKept) {
    answer("1", 200, R"({"schemaVersion":2})");
    answer("2", 404);
    EXPECT_THAT(std::get<ImagePresent>(check("1")).digest, HasSubstr("sha256:"));
    EXPECT_THAT(std::get<ImageAbsent>(check("2")).reason, HasSubstr("has no image team/job:2"));
    EXPECT_EQ(http_.requests.at(0).headers.at(0),
              (std::pair<std::string, std::string>{"Authorization", "Basic QVdTOnB3"}));
    ASSERT_EQ(account_.aws.calls.size(), 1U);
    EXPECT_EQ(boost::json::serialize(account_.aws.calls.at(0).second), R"({"registryIds":["123456789012"]})");
    account_.clock.time += std::chrono::hours{12};
    std::ignore = check("1");
    EXPECT_EQ(account_.aws.calls.size(), 2U);
}

TEST_F(EcsImageCheckTest, WhatTheServerMayNotReadIsTakenToBeThere) {
    answer("1", 403);
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check("1")));
    EXPECT_TRUE(optional_.losses().empty());
    other_.answer = PullDenied{"unauthorized", true};
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(
        check_.check({.registry = "ghcr.io", .repository = "a", .tag = "1", .digest = {}})));
    EXPECT_TRUE(std::holds_alternative<ImageAbsent>(
        check_.check({.registry = "docker.io", .repository = "library/debain", .tag = "12", .digest = {}})));
    other_.answer = PullDenied{"manifest unknown"};
    EXPECT_TRUE(std::holds_alternative<ImageAbsent>(
        check_.check({.registry = "ghcr.io", .repository = "b", .tag = "1", .digest = {}})));
}

TEST_F(EcsImageCheckTest, ARegistryThatDoesNotAnswerIsTakenToHaveTheImageAndLeftAloneForAMinute) {
    const auto check_other = [&](const std::string& name) {
        return check_.check({.registry = "inside", .repository = name, .tag = "1", .digest = {}});
    };
    other_.answer = PullFailed{"cannot resolve inside"};
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check_other("a")));
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check_other("b")));
    EXPECT_EQ(other_.times, 1);
    account_.clock.time += std::chrono::minutes{1};
    other_.answer = PullDenied{"manifest unknown"};
    EXPECT_TRUE(std::holds_alternative<ImageAbsent>(check_other("c")));
    answer("1", 500);
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check("1")));
}

TEST_F(EcsImageCheckTest, WithoutTheRightToAskEcrItsImagesAreTakenToBeThere) {
    account_.aws.refuse("GetAuthorizationToken", "AccessDeniedException");
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check("1")));
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check("2")));
    EXPECT_EQ(account_.aws.calls.size(), 1U);
    EXPECT_THAT(optional_.losses(),
                testing::ElementsAre(
                    HasSubstr("the check that images of ECR exist: AWS denies ecr:GetAuthorizationToken")));
    EXPECT_TRUE(http_.requests.empty());
}

}  // namespace
}  // namespace flotilla::test
