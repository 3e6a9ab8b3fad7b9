#include "logs/cloudwatch/log_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/refusal.hpp"
#include "support/scripted_aws.hpp"

namespace flotilla::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

class LogGroupTest : public testing::Test {
protected:
    LogGroupTest() {
        account_.aws.refuse("CreateLogGroup", "AccessDeniedException");
        account_.aws.on("PutRetentionPolicy", "");
    }
    std::string failure(LogGroup& group) {
        return refusal(ErrorKind::unavailable, [&] { group.ensure(AwsClient::Limits{}); });
    }

    ScriptedAccount account_;
    OptionalActions optional_;
    LogGroup group_{account_.client, optional_, {.name = "g", .retention_days = 4}};
};

TEST_F(LogGroupTest, IsMadeAndKeepsLogsForTheNextNumberOfDaysThatAwsKnows) {
    account_.aws.on("CreateLogGroup", "");
    group_.ensure(AwsClient::Limits{});
    EXPECT_EQ(boost::json::serialize(account_.aws.calls.back().second),
              R"({"logGroupName":"g","retentionInDays":5})");
    account_.aws.refuse("CreateLogGroup", "ResourceAlreadyExistsException");
    group_.ensure(AwsClient::Limits{});
    EXPECT_EQ(account_.aws.count("DescribeLogGroups"), 0U);
}

TEST_F(LogGroupTest, OneThatExistsNeedsNoRightToMakeIt) {
    account_.aws.on("DescribeLogGroups", R"({"logGroups":[{"logGroupName":"g"},{"logGroupName":"g2"}]})");
    group_.ensure(AwsClient::Limits{});
    EXPECT_EQ(group_.trouble(), std::nullopt);
    EXPECT_THAT(optional_.losses(), IsEmpty());
    account_.aws.refuse("PutRetentionPolicy", "AccessDeniedException");
    group_.ensure(AwsClient::Limits{});
    EXPECT_THAT(optional_.losses(), ElementsAre(HasSubstr("logs:PutRetentionPolicy")));
}

TEST_F(LogGroupTest, OneThatIsMissingAndMayNotBeMadeIsToldUntilItIsThere) {
    account_.aws.on("DescribeLogGroups", R"({"logGroups":[{"logGroupName":"g2"}]})");
    EXPECT_THAT(failure(group_), HasSubstr("logs:CreateLogGroup"));
    EXPECT_THAT(group_.trouble(),
                Optional(HasSubstr("the log group g does not exist: AWS denies logs:CreateLogGroup")));
    LogGroup of_tasks{account_.client, optional_, {.name = "g", .is_made_by_tasks = true}};
    EXPECT_THAT(failure(of_tasks), HasSubstr("logs:CreateLogGroup"));
    EXPECT_EQ(of_tasks.trouble(), std::nullopt);
    account_.aws.on("DescribeLogGroups", R"({"logGroups":[{"logGroupName":"g"}]})");
    group_.ensure(AwsClient::Limits{});
    EXPECT_EQ(group_.trouble(), std::nullopt);
}

TEST_F(LogGroupTest, OneThatSomebodyRemovedIsMadeAnewAndTold) {
    account_.aws.on("CreateLogGroup", "");
    account_.aws.on("DescribeLogGroups", R"({"logGroups":[{"logGroupName":"g"}]})");
    group_.look_again();
    EXPECT_EQ(account_.aws.count("CreateLogGroup"), 0U);
    account_.aws.on("DescribeLogGroups", R"({"logGroups":[]})");
    group_.look_again();
    EXPECT_EQ(account_.aws.count("CreateLogGroup"), 1U);
    EXPECT_EQ(account_.aws.count("PutRetentionPolicy"), 1U);
    EXPECT_THAT(group_.gap(), Optional(HasSubstr("somebody removed the log group g")));
    account_.aws.on("DescribeLogGroups", R"({"logGroups":[{"logGroupName":"g"}]})");
    group_.look_again();
    EXPECT_EQ(group_.gap(), std::nullopt);
}

TEST_F(LogGroupTest, OneThatNobodyMayLookForIsTakenToBeThere) {
    account_.aws.refuse("DescribeLogGroups", "AccessDeniedException");
    group_.ensure(AwsClient::Limits{});
    EXPECT_EQ(group_.trouble(), std::nullopt);
    EXPECT_THAT(optional_.losses(), ElementsAre(HasSubstr("logs:DescribeLogGroups")));
}

}  // namespace
}  // namespace flotilla::test
