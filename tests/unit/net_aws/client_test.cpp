#include "net/aws/client.hpp"

#include <deque>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fakes.hpp"
#include "support/refusal.hpp"
#include "support/scripted_http_client.hpp"

namespace flotilla::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class KnownCredentials final : public AwsCredentialSource {
public:
    explicit KnownCredentials(FakeClock& clock) : clock_(clock) {}
    AwsCredentials get(std::chrono::milliseconds timeout, const std::stop_token& stop) override {
        waited_at_most = timeout;
        was_stopped = stop.stop_requested();
        clock_.time += takes;
        ++asked;
        if (!trouble.empty()) {
            throw unavailable("{}", trouble);
        }
        return {"id", "secret", std::to_string(renewed)};
    }
    void refused(const AwsCredentials&) override { ++renewed; }
    int renewed = 0;
    int asked = 0;
    std::string trouble;
    milliseconds takes{0};
    milliseconds waited_at_most{0};
    bool was_stopped = false;

private:
    FakeClock& clock_;
};

/// Takes away half of each back-off.
class HalfRandom final : public Random {
public:
    double unit() override { return 0.5; }
};

class AwsClientTest : public testing::Test {
protected:
    AwsClient client(std::map<std::string, std::string> environment = {}) {
        return {{http_, credentials_, clock_, random_,
                 [this](std::chrono::microseconds time, const std::stop_token&) {
                     pauses_.push_back(time);
                     clock_.time += time;
                 }},
                {"us-east-1", std::move(environment)}};
    }
    void answer(int status, const std::string& body) { http_.answer("POST " + ecs_, status, body); }
    /// What is thrown when `RunTask` is called.
    AwsError error_of(AwsClient& client) {
        try {
            client.call(ecs_service, "RunTask", {});
        } catch (const AwsError& error) {
            return error;
        }
        return {ErrorKind::invalid, "nothing was thrown", "", ""};
    }

    const std::string ecs_ = "https://ecs.us-east-1.amazonaws.com/";
    ScriptedHttpClient http_;
    FakeClock clock_;
    KnownCredentials credentials_{clock_};
    HalfRandom random_;
    std::vector<std::chrono::microseconds> pauses_;
};

TEST(AwsEndpoint, IsAwsOwnInTheRegion) {
    EXPECT_EQ(aws_endpoint(ecs_service, "eu-west-1", {}), "https://ecs.eu-west-1.amazonaws.com/");
    EXPECT_EQ(aws_endpoint(ecr_service, "us-gov-west-1", {}), "https://api.ecr.us-gov-west-1.amazonaws.com/");
    EXPECT_EQ(aws_endpoint(ecs_service, "us-isob-east-1", {}), "https://ecs.us-isob-east-1.sc2s.sgov.gov/");
    for (const AwsService* service : {&ecs_service, &sqs_service, &logs_service, &events_service,
                                      &ec2_service, &ecr_service, &sts_service}) {
        EXPECT_EQ(aws_endpoint(*service, "cn-north-1", {}),
                  "https://" + service->endpoint + ".cn-north-1.amazonaws.com.cn/");
    }
}

TEST(AwsEndpoint, IsWhatTheEnvironmentSaysOfTheServiceBeforeWhatItSaysOfAll) {
    const std::map<std::string, std::string> environment{{"AWS_ENDPOINT_URL", "http://all"},
                                                         {"AWS_ENDPOINT_URL_SQS", "http://sqs/"}};
    EXPECT_EQ(aws_endpoint(sqs_service, "eu-west-1", environment), "http://sqs/");
    EXPECT_EQ(aws_endpoint(sts_service, "eu-west-1", environment), "http://all/");
}

TEST_F(AwsClientTest, AServiceOfAnotherRegionIsAskedThere) {
    http_.answer("POST https://api.ecr.eu-west-1.amazonaws.com/", 200, "{}");
    AwsService service = ecr_service;
    service.region = "eu-west-1";
    client().call(service, "GetAuthorizationToken", {});
    EXPECT_THAT(http_.requests.at(0).headers.back().second, HasSubstr("/eu-west-1/ecr/aws4_request"));
}

TEST_F(AwsClientTest, ACallIsSignedJson) {
    answer(200, R"({"tasks":[]})");
    auto aws = client();
    EXPECT_TRUE(aws.call(ecs_service, "RunTask", {{"cluster", "c"}}).contains("tasks"));
    const HttpRequest& request = http_.requests.at(0);
    EXPECT_EQ(request.body, R"({"cluster":"c"})");
    EXPECT_EQ(request.headers.at(0).second, "application/x-amz-json-1.1");
    EXPECT_EQ(request.headers.at(1).second, "AmazonEC2ContainerServiceV20141113.RunTask");
    EXPECT_THAT(request.headers.back().second, HasSubstr("/us-east-1/ecs/aws4_request"));
}

TEST_F(AwsClientTest, ThrottlingAndFailuresOfAwsAreTriedAgainLaterEachTime) {
    answer(400, R"({"__type":"ThrottlingException","message":"Rate exceeded"})");
    answer(500, "");
    answer(503, "");
    answer(200, "{}");
    auto aws = client();
    aws.call(ecs_service, "RunTask", {});
    EXPECT_THAT(pauses_, testing::ElementsAre(milliseconds{100}, milliseconds{200}, milliseconds{400}));
}

TEST_F(AwsClientTest, WhatIsInTheWayForAMomentIsTriedAgainWhateverItsCode) {
    for (const char* words :
         {"Request limit exceeded. (Service: AmazonEC2; Status Code: 503; Error Code: RequestLimitExceeded)",
          "Error retrieving subnet information for [subnet-1]: (ErrorCode: RequestLimitExceeded)",
          "Too many concurrent attempts to create a new revision of the specified family."}) {
        answer(400, std::string(R"({"__type":"ClientException","message":")") + words + R"("})");
        answer(200, "{}");
    }
    auto aws = client();
    for (int call = 0; call < 3; ++call) {
        aws.call(ecs_service, "RunTask", {});
    }
    EXPECT_EQ(http_.requests.size(), 6U);
}

TEST_F(AwsClientTest, AnAnswerThatIsNotOfAwsIsTriedAgainAndNoRefusal) {
    for (const int status : {302, 403, 407, 429}) {
        answer(status, "<html>blocked</html>");
    }
    answer(200, "{}");
    answer(403, R"({"error":"blocked"})");
    auto aws = client();
    aws.call(ecs_service, "RunTask", {});
    EXPECT_EQ(pauses_.size(), 4U);
    const AwsError error = error_of(aws);
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_THAT(error.what(), HasSubstr("ecs:RunTask was answered 403, and not by AWS"));
}

TEST_F(AwsClientTest, PatienceEnds) {
    answer(400, R"({"__type":"ThrottlingException","message":"Rate exceeded"})");
    auto aws = client();
    const auto begin = clock_.elapsed();
    const AwsError error = error_of(aws);
    EXPECT_TRUE(error.is_momentary());
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_LE(clock_.elapsed() - begin, milliseconds{8'000});
}

TEST_F(AwsClientTest, WhatAwsRefusesIsNotTriedAgain) {
    answer(400, R"({"__type":"ClientException","message":"no such task definition"})");
    auto aws = client();
    const AwsError error = error_of(aws);
    EXPECT_EQ(error.code(), "ClientException");
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.what(), HasSubstr("no such task definition"));
    EXPECT_EQ(http_.requests.size(), 1U);
}

TEST_F(AwsClientTest, ADenialNamesTheActionThatIsMissing) {
    answer(400, R"({"__type":"AccessDeniedException","Message":"User: x is not authorized"})");
    auto aws = client();
    const AwsError error = error_of(aws);
    EXPECT_TRUE(error.is_denied());
    EXPECT_THAT(error.what(), HasSubstr("add the action ecs:RunTask"));
}

TEST_F(AwsClientTest, ADenialOfAnotherActionNamesThat) {
    answer(
        400,
        R"({"__type":"AccessDeniedException","Message":"User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/r"})");
    auto aws = client();
    EXPECT_THAT(error_of(aws).what(),
                AllOf(HasSubstr("AWS denies ecs:RunTask: add the action iam:PassRole to"),
                      HasSubstr("on resource: arn:aws:iam::1:role/r")));
}

TEST_F(AwsClientTest, AWrongClockIsNoMistakeOfTheRequest) {
    answer(400, R"({"__type":"InvalidSignatureException","message":"Signature not yet current"})");
    auto aws = client();
    EXPECT_EQ(error_of(aws).kind(), ErrorKind::unavailable);
}

TEST_F(AwsClientTest, ErrorsOfTheQueryProtocolAreRead) {
    http_.answer("POST https://ec2.us-east-1.amazonaws.com/", 403,
                 "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error>"
                 "</Errors></Response>");
    auto aws = client();
    try {
        std::ignore = aws.query(ec2_service, "DescribeInstances", {{"InstanceId.1", "i-1"}});
        FAIL();
    } catch (const AwsError& error) {
        EXPECT_TRUE(error.is_denied());
        EXPECT_THAT(error.what(), HasSubstr("ec2:DescribeInstances"));
    }
    EXPECT_EQ(http_.requests.at(0).body, "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1");
}

TEST_F(AwsClientTest, CodesLoseTheirNamespace) {
    http_.answer("POST https://sqs.us-east-1.amazonaws.com/", 400,
                 R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"})");
    auto aws = client();
    try {
        aws.call(sqs_service, "GetQueueUrl", {});
        FAIL();
    } catch (const AwsError& error) {
        EXPECT_EQ(error.code(), "QueueDoesNotExist");
    }
}

TEST_F(AwsClientTest, ExpiredCredentialsAreRenewedOnce) {
    answer(400, R"({"__type":"ExpiredTokenException","message":"expired"})");
    answer(200, "{}");
    auto aws = client();
    aws.call(ecs_service, "RunTask", {});
    EXPECT_EQ(credentials_.renewed, 1);
    EXPECT_TRUE(pauses_.empty());
}

TEST_F(AwsClientTest, CallsWaitForTheirTurnBelowTheQuota) {
    answer(200, "{}");
    auto aws = client();
    const auto begin = clock_.elapsed();
    constexpr int calls = 295;  // 95 at once, then 40 a second
    for (int call = 0; call < calls; ++call) {
        aws.call(ecs_service, "RunTask", {});
    }
    EXPECT_NEAR(static_cast<double>((clock_.elapsed() - begin).count()), 5e6, 1e5);
}

TEST_F(AwsClientTest, AnEndpointCanBeNamed) {
    http_.answer("POST http://127.0.0.1:1/", 200, "{}");
    http_.answer("POST http://127.0.0.1:2/", 200, "{}");
    auto aws =
        client({{"AWS_ENDPOINT_URL", "http://127.0.0.1:1"}, {"AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:2/"}});
    aws.call(ecs_service, "ListClusters", {});
    aws.call(sqs_service, "ListQueues", {});
    EXPECT_EQ(http_.requests.at(0).url, "http://127.0.0.1:1/");
    EXPECT_EQ(http_.requests.at(1).url, "http://127.0.0.1:2/");
}

TEST_F(AwsClientTest, OnceCancelledNothingIsTriedAgain) {
    auto aws = client();
    aws.cancel();
    EXPECT_THROW(aws.call(ecs_service, "RunTask", {}), Error);
    EXPECT_EQ(http_.requests.size(), 1U);
    EXPECT_TRUE(credentials_.was_stopped);
}

TEST_F(AwsClientTest, ATryThatWaitsForCredentialsTakesNoLonger) {
    answer(200, "{}");
    credentials_.takes = milliseconds{1'500};
    auto aws = client();
    aws.call(ecs_service, "RunTask", {}, {.timeout = milliseconds{2'000}});
    EXPECT_EQ(credentials_.waited_at_most, milliseconds{2'000});
    EXPECT_EQ(http_.requests.at(0).timeout, milliseconds{500});
}

TEST_F(AwsClientTest, WhoHasNoCredentialsIsAskedOnceAndTakesNobodysTurn) {
    answer(200, "{}");
    auto aws = client();
    credentials_.trouble = "nobody has any";
    for (int call = 1; call <= 30; ++call) {
        EXPECT_EQ(
            refusal(ErrorKind::unavailable, [&] { aws.call(ecs_service, "RegisterTaskDefinition", {}); }),
            "nobody has any");
        EXPECT_EQ(credentials_.asked, call);
    }
    credentials_.trouble.clear();
    aws.call(ecs_service, "RegisterTaskDefinition", {});
    EXPECT_TRUE(pauses_.empty());
}

TEST_F(AwsClientTest, CredentialsAreWaitedForNoLongerThanThePatienceLasts) {
    answer(500, "");
    credentials_.takes = milliseconds{700};
    auto aws = client();
    EXPECT_THROW(aws.call(ecs_service, "RunTask", {},
                          {.patience = milliseconds{1'000}, .timeout = milliseconds{5'000}}),
                 Error);
    EXPECT_EQ(credentials_.waited_at_most, milliseconds{200});
}

TEST_F(AwsClientTest, WhoCallsTellsTheSearchForCredentialsToStop) {
    answer(200, "{}");
    std::stop_source stop;
    stop.request_stop();
    auto aws = client();
    aws.call(ecs_service, "RunTask", {}, {.stop = stop.get_token()});
    EXPECT_TRUE(credentials_.was_stopped);
}

}  // namespace
}  // namespace flotilla::test
