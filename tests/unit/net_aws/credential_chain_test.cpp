#include "net/aws/credential_chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/time_text.hpp"
#include "support/fakes.hpp"
#include "support/refusal.hpp"
#include "support/scripted_http_client.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* metadata = "http://169.254.169.254/latest/";

class CredentialChainTest : public testing::Test {
protected:
    CredentialChainTest() { std::filesystem::create_directories(home_.path() / ".aws"); }

    AwsCredentialChain chain(std::map<std::string, std::string> environment = {}) {
        return {http_, clock_, {std::move(environment), home_.path(), "us-east-1"}};
    }
    void write(const std::string& name, const std::string& text) {
        write_file(home_.path() / ".aws" / name, text);
    }
    static std::string answer(const std::string& id, const std::string& expiration) {
        return R"({"AccessKeyId":")" + id + R"(","SecretAccessKey":"s","Token":"t","Expiration":")" +
               expiration + R"("})";
    }
    void script_instance() {
        http_.answer(std::string("PUT ") + metadata + "api/token", 200, "session");
        http_.answer(std::string("GET ") + metadata + "meta-data/iam/security-credentials/", 200, "role");
    }

    TemporaryFolder home_;
    ScriptedHttpClient http_;
    FakeClock clock_;
};

TEST_F(CredentialChainTest, TheEnvironmentCountsFirst) {
    write("credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
    auto source =
        chain({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_SESSION_TOKEN", "T"}});
    EXPECT_EQ(source.get(), (AwsCredentials{"A", "S", "T"}));
}

TEST_F(CredentialChainTest, AProfileIsReadFromTheSharedFiles) {
    write("credentials", "# mine\n[default]\naws_access_key_id=D\naws_secret_access_key=s\n");
    write("config",
          "[profile other]\naws_access_key_id = O\naws_secret_access_key = s\nregion = eu-west-1\n");
    EXPECT_EQ(chain().get().access_key_id, "D");
    EXPECT_EQ(chain({{"AWS_PROFILE", "other"}}).get().access_key_id, "O");
    EXPECT_THAT(refusal(ErrorKind::unavailable,
                        [&] {
                            std::ignore = chain({{"AWS_PROFILE", "third"}}).get();
                        }),
                HasSubstr("third"));
}

TEST_F(CredentialChainTest, AContainerAsksItsEndpoint) {
    http_.answer("GET http://169.254.170.2/v2/x", 200, answer("C", "2999-01-01T00:00:00Z"));
    auto source = chain({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"},
                         {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret"}});
    EXPECT_EQ(source.get().access_key_id, "C");
    EXPECT_EQ(http_.requests.at(0).headers.at(0),
              std::pair(std::string("Authorization"), std::string("secret")));
}

TEST_F(CredentialChainTest, AnInstanceAsksItsMetadataWithASessionToken) {
    script_instance();
    http_.answer(std::string("GET ") + metadata + "meta-data/iam/security-credentials/role", 200,
                 answer("I", "2999-01-01T00:00:00Z"));
    EXPECT_EQ(chain().get().access_key_id, "I");
    EXPECT_EQ(http_.requests.back().headers.at(0).second, "session");
}

TEST_F(CredentialChainTest, WhatExpiresIsAskedForAgainBeforeItDoes) {
    const auto expires = clock_.now() + std::chrono::hours{1};
    script_instance();
    const std::string role = std::string("GET ") + metadata + "meta-data/iam/security-credentials/role";
    http_.answer(role, 200, answer("one", to_rfc3339(expires)));
    http_.answer(role, 200, answer("two", to_rfc3339(expires + std::chrono::hours{1})));
    auto source = chain();
    EXPECT_EQ(source.get().access_key_id, "one");
    clock_.time += (std::chrono::minutes{50});
    EXPECT_EQ(source.get().access_key_id, "one");
    clock_.time += (std::chrono::minutes{6});
    EXPECT_EQ(source.get().access_key_id, "two");
}

TEST_F(CredentialChainTest, WhatStillCountsIsUsedWhereItCannotBeRenewed) {
    script_instance();
    const std::string role = std::string("GET ") + metadata + "meta-data/iam/security-credentials/role";
    http_.answer(role, 200, answer("one", to_rfc3339(clock_.now() + std::chrono::minutes{3})));
    http_.answer(role, 500, "");
    auto source = chain();
    EXPECT_EQ(source.get().access_key_id, "one");
    EXPECT_EQ(source.get().access_key_id, "one");
    clock_.time += (std::chrono::minutes{4});
    EXPECT_THROW(std::ignore = source.get(), Error);
}

TEST_F(CredentialChainTest, ATokenOfAWebIdentityIsChangedForCredentials) {
    write_file(home_.path() / "token", "abc\n");
    http_.answer("POST https://sts.us-east-1.amazonaws.com/", 200,
                 "<R><Credentials><AccessKeyId>W</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                 "<SessionToken>a&amp;b</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></"
                 "Credentials></R>");
    auto source = chain({{"AWS_WEB_IDENTITY_TOKEN_FILE", (home_.path() / "token").string()},
                         {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"}});
    EXPECT_EQ(source.get().session_token, "a&b");
    EXPECT_THAT(http_.requests.at(0).body, HasSubstr("WebIdentityToken=abc"));
}

TEST_F(CredentialChainTest, WhatAwsSaysOfATokenThatItRefusesIsTold) {
    write_file(home_.path() / "token", "abc\n");
    http_.answer(
        "POST https://sts.us-east-1.amazonaws.com/", 400,
        "<ErrorResponse><Error><Code>ExpiredTokenException</Code><Message>it expired</Message></Error>"
        "<RequestId>7</RequestId></ErrorResponse>");
    auto source = chain({{"AWS_WEB_IDENTITY_TOKEN_FILE", (home_.path() / "token").string()},
                         {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"}});
    EXPECT_THAT(
        refusal(ErrorKind::unavailable, [&] { std::ignore = source.get(); }),
        HasSubstr("AWS refused sts:AssumeRoleWithWebIdentity of arn:aws:iam::1:role/r (AWS_ROLE_ARN): "
                  "ExpiredTokenException: it expired (request 7)"));
}

TEST_F(CredentialChainTest, WhoChangesTokensIsWhereTheEnvironmentSays) {
    write_file(home_.path() / "token", "abc");
    for (const char* variable : {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"}) {
        auto source = chain({{"AWS_WEB_IDENTITY_TOKEN_FILE", (home_.path() / "token").string()},
                             {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                             {variable, "http://127.0.0.1:7"}});
        EXPECT_THROW(std::ignore = source.get(), Error);
        EXPECT_EQ(http_.requests.back().url, "http://127.0.0.1:7/");
    }
}

TEST_F(CredentialChainTest, WithoutAnyItIsSaidWhereToPutThem) {
    EXPECT_THAT(refusal(ErrorKind::unavailable, [&] { std::ignore = chain().get(); }),
                HasSubstr("AWS_ACCESS_KEY_ID"));
}

}  // namespace
}  // namespace flotilla::test
