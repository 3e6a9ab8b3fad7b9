#include "net/aws/credential_chain.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

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

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* metadata = "http://169.254.169.254/latest/";

/// Hands requests on to a script; while it is closed none is answered.
class Gate final : public HttpClient {
public:
    explicit Gate(HttpClient& script) : script_(script) {}
    HttpResponse send(const HttpRequest& request) override {
        std::unique_lock lock(mutex_);
        ++asked_;
        changed_.notify_all();
        if (!changed_.wait(lock, request.stop, [&] { return is_open_; })) {
            throw unavailable("{} is not asked any more", url_origin(request.url));
        }
        return script_.send(request);
    }
    void close() {
        const std::lock_guard lock(mutex_);
        is_open_ = false;
    }
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        changed_.notify_all();
    }
    /// Whether so many requests, in all, have come within a while.
    bool wait_for(int asked) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return asked_ >= asked; });
    }

private:
    HttpClient& script_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    int asked_ = 0;
    bool is_open_ = true;
};

class CredentialChainTest : public testing::Test {
protected:
    CredentialChainTest() { std::filesystem::create_directories(home_.path() / ".aws"); }

    AwsCredentialChain chain(std::map<std::string, std::string> environment = {}) {
        return {gate_, clock_, {std::move(environment), home_.path(), "us-east-1"}};
    }
    AwsCredentialChain of_container() { return chain({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"}}); }
    static AwsCredentials get(AwsCredentialChain& source) { return source.get(std::chrono::seconds{10}, {}); }
    static std::string trouble(AwsCredentialChain& source) {
        return refusal(ErrorKind::unavailable, [&] { std::ignore = get(source); });
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
    const std::string container_ = "GET http://169.254.170.2/v2/x";
    const std::string role_ = std::string("GET ") + metadata + "meta-data/iam/security-credentials/role";
    ScriptedHttpClient http_;
    Gate gate_{http_};
    FakeClock clock_;
};

TEST_F(CredentialChainTest, TheEnvironmentCountsFirst) {
    write("credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
    auto source =
        chain({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_SESSION_TOKEN", "T"}});
    EXPECT_EQ(get(source), (AwsCredentials{"A", "S", "T"}));
}

TEST_F(CredentialChainTest, AProfileIsReadFromTheSharedFiles) {
    write("credentials", "# mine\n[default]\naws_access_key_id=D\naws_secret_access_key=s\n");
    write("config",
          "[profile other]\naws_access_key_id = O\naws_secret_access_key = s\nregion = eu-west-1\n");
    auto ours = chain();
    EXPECT_EQ(get(ours).access_key_id, "D");
    auto other = chain({{"AWS_PROFILE", "other"}});
    EXPECT_EQ(get(other).access_key_id, "O");
    auto third = chain({{"AWS_PROFILE", "third"}});
    EXPECT_THAT(trouble(third), HasSubstr("third"));
}

TEST_F(CredentialChainTest, AContainerAsksItsEndpoint) {
    http_.answer(container_, 200, answer("C", "2999-01-01T00:00:00Z"));
    auto source = chain({{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x"},
                         {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret"}});
    EXPECT_EQ(get(source).access_key_id, "C");
    EXPECT_EQ(http_.requests.at(0).headers.at(0),
              std::pair(std::string("Authorization"), std::string("secret")));
}

TEST_F(CredentialChainTest, AnInstanceAsksItsMetadataWithASessionToken) {
    script_instance();
    http_.answer(role_, 200, answer("I", "2999-01-01T00:00:00Z"));
    auto source = chain();
    EXPECT_EQ(get(source).access_key_id, "I");
    EXPECT_EQ(http_.requests.back().headers.at(0).second, "session");
}

TEST_F(CredentialChainTest, WhatExpiresIsAskedForAgainBeforeItDoes) {
    const auto expires = clock_.now() + std::chrono::hours{1};
    script_instance();
    http_.answer(role_, 200, answer("one", to_rfc3339(expires)));
    http_.answer(role_, 200, answer("two", to_rfc3339(expires + std::chrono::hours{1})));
    auto source = chain();
    EXPECT_EQ(get(source).access_key_id, "one");
    clock_.time += (std::chrono::minutes{50});
    EXPECT_EQ(get(source).access_key_id, "one");
    clock_.time += (std::chrono::minutes{6});
    EXPECT_EQ(get(source).access_key_id, "one");
    gate_.wait_for(6);
    clock_.time += (std::chrono::minutes{4});
    EXPECT_EQ(get(source).access_key_id, "two");
    EXPECT_EQ(http_.requests.size(), 6U);
}

TEST_F(CredentialChainTest, WhatStillCountsIsUsedWhereItCannotBeRenewed) {
    script_instance();
    http_.answer(role_, 200, answer("one", to_rfc3339(clock_.now() + std::chrono::minutes{3})));
    http_.answer(role_, 500, "");
    auto source = chain();
    EXPECT_EQ(get(source).access_key_id, "one");
    clock_.time += std::chrono::seconds{3};
    EXPECT_EQ(get(source).access_key_id, "one");
    clock_.time += (std::chrono::minutes{4});
    EXPECT_THROW(std::ignore = get(source), Error);
}

TEST_F(CredentialChainTest, ATokenOfAWebIdentityIsChangedForCredentials) {
    write_file(home_.path() / "token", "abc\n");
    http_.answer("POST https://sts.us-east-1.amazonaws.com/", 200,
                 "<R><Credentials><AccessKeyId>W</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                 "<SessionToken>a&amp;b</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></"
                 "Credentials></R>");
    auto source = chain({{"AWS_WEB_IDENTITY_TOKEN_FILE", (home_.path() / "token").string()},
                         {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"}});
    EXPECT_EQ(get(source).session_token, "a&b");
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
        trouble(source),
        HasSubstr("AWS refused sts:AssumeRoleWithWebIdentity of arn:aws:iam::1:role/r (AWS_ROLE_ARN): "
                  "ExpiredTokenException: it expired (request 7)"));
}

TEST_F(CredentialChainTest, WhoChangesTokensIsWhereTheEnvironmentSays) {
    write_file(home_.path() / "token", "abc");
    for (const char* variable : {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"}) {
        auto source = chain({{"AWS_WEB_IDENTITY_TOKEN_FILE", (home_.path() / "token").string()},
                             {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                             {variable, "http://127.0.0.1:7"}});
        EXPECT_THROW(std::ignore = get(source), Error);
        EXPECT_EQ(http_.requests.back().url, "http://127.0.0.1:7/");
    }
}

TEST_F(CredentialChainTest, WithoutAnyItIsSaidWhereToPutThemAndWhyTheMetadataGaveNone) {
    auto source = chain();
    EXPECT_THAT(trouble(source),
                AllOf(HasSubstr("AWS_ACCESS_KEY_ID"),
                      HasSubstr("(the metadata service of EC2 gives no AWS credentials: cannot reach http")));
}

TEST_F(CredentialChainTest, AnInstanceWhoseMetadataAreAwayForAMomentIsNotToldToHaveNone) {
    const std::string token = std::string("PUT ") + metadata + "api/token";
    script_instance();
    http_.answer(token, 503, "");
    http_.answer(role_, 200, answer("one", to_rfc3339(clock_.now() + std::chrono::hours{1})));
    auto source = chain();
    source.refused(get(source));
    EXPECT_EQ(trouble(source), "the metadata service of EC2 answered 503 when asked for AWS credentials");
}

TEST_F(CredentialChainTest, AnEndpointOfContainersThatDoesNotAnswerIsToldAsWhoHasTheCredentials) {
    auto source = of_container();
    EXPECT_THAT(trouble(source), HasSubstr("the endpoint of containers gives no AWS credentials: cannot "
                                           "reach http://169.254.170.2"));
}

TEST_F(CredentialChainTest, NobodyWaitsForARenewalThatHangsWhileTheKeysCount) {
    http_.answer(container_, 200, answer("one", to_rfc3339(clock_.now() + std::chrono::minutes{3})));
    auto source = of_container();
    std::ignore = get(source);
    gate_.close();
    clock_.time += std::chrono::seconds{3};
    for (int call = 0; call < 9; ++call) {
        EXPECT_EQ(get(source).access_key_id, "one");
    }
    EXPECT_TRUE(gate_.wait_for(2));
}

TEST_F(CredentialChainTest, WhoWaitsForAnEndpointThatHangsDoesSoForItsOwnTime) {
    gate_.close();
    auto source = of_container();
    EXPECT_THROW(std::ignore = source.get(std::chrono::milliseconds{1}, {}), Error);
    ASSERT_TRUE(gate_.wait_for(1));
    EXPECT_EQ(
        refusal(ErrorKind::unavailable, [&] { std::ignore = source.get(std::chrono::milliseconds{1}, {}); }),
        "the endpoint of containers gives no AWS credentials: there is no answer yet");
}

TEST_F(CredentialChainTest, WhoWaitsForAnEndpointThatHangsCanBeToldToStop) {
    gate_.close();
    auto source = of_container();
    std::stop_source stop;
    const std::jthread stopper([&] {
        gate_.wait_for(1);
        stop.request_stop();
    });
    EXPECT_EQ(refusal(ErrorKind::unavailable,
                      [&] { std::ignore = source.get(std::chrono::hours{1}, stop.get_token()); }),
              "AWS credentials are not waited for any more");
}

TEST_F(CredentialChainTest, AllWhoWaitShareOneTryAndItsFailure) {
    http_.answer(container_, 500, "");
    gate_.close();
    auto source = of_container();
    {
        std::vector<std::jthread> callers;
        for (int caller = 0; caller < 4; ++caller) {
            callers.emplace_back([&] { EXPECT_THROW(std::ignore = get(source), Error); });
        }
        gate_.wait_for(1);
        gate_.open();
    }
    EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(CredentialChainTest, WhoGaveNoneIsAskedAgainAfterSomeSeconds) {
    http_.answer(container_, 500, "");
    http_.answer(container_, 200, answer("C", "2999-01-01T00:00:00Z"));
    auto source = of_container();
    const std::string first = trouble(source);
    EXPECT_EQ(trouble(source), first);
    EXPECT_EQ(http_.requests.size(), 1U);
    clock_.time += std::chrono::seconds{3};
    EXPECT_EQ(get(source).access_key_id, "C");
}

TEST_F(CredentialChainTest, WhatComesWithLittleTimeLeftIsUsedForSomeSeconds) {
    http_.answer(container_, 200, answer("one", to_rfc3339(clock_.now() + std::chrono::minutes{3})));
    auto source = of_container();
    for (int call = 0; call < 9; ++call) {
        EXPECT_EQ(get(source).access_key_id, "one");
    }
    EXPECT_EQ(http_.requests.size(), 1U);
    clock_.time += std::chrono::seconds{3};
    std::ignore = get(source);
    EXPECT_TRUE(gate_.wait_for(2));
}

TEST_F(CredentialChainTest, WhatComesExpiredIsNotUsedAndItsSourceIsLeftAloneForSomeSeconds) {
    const auto past = to_rfc3339(clock_.now() - std::chrono::minutes{1});
    http_.answer(container_, 200, answer("one", past));
    http_.answer(container_, 200, answer("two", "2999-01-01T00:00:00Z"));
    auto source = of_container();
    for (int call = 0; call < 9; ++call) {
        EXPECT_EQ(trouble(source),
                  "the endpoint of containers gives AWS credentials that have expired already, at " + past +
                      " by the clock of this host");
    }
    EXPECT_EQ(http_.requests.size(), 1U);
    clock_.time += std::chrono::seconds{3};
    EXPECT_EQ(get(source).access_key_id, "two");
}

TEST_F(CredentialChainTest, WhatAwsRefusesIsAskedForAtOnce) {
    http_.answer(container_, 200, answer("one", "2999-01-01T00:00:00Z"));
    http_.answer(container_, 200, answer("two", "2999-01-01T00:00:00Z"));
    auto source = of_container();
    source.refused(get(source));
    EXPECT_EQ(get(source).access_key_id, "two");
}

}  // namespace
}  // namespace flotilla::test
