#include "engine/ecs/task_events.hpp"

#include <future>
#include <latch>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/aws/fitted_name.hpp"
#include "support/fake_sqs.hpp"
#include "support/refusal.hpp"

namespace flotilla::test {
namespace {

namespace json = boost::json;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* of_the_rule =
    R"({"Attributes":{"QueueArn":"arn:aws-cn:sqs:there:123:q","Policy":"{\"Statement\":[{\"Effect\":\"Allow\",)"
    R"(\"Principal\":{\"Service\":[\"events.amazonaws.com\"]},\"Condition\":{\"ArnLike\":{\"aws:SourceArn\":)"
    R"([\"arn:aws-cn:events:there:123:rule/rule\"]}}}]}"}})";

class EventRouteTest : public testing::Test {
protected:
    EventRouteTest() {
        account_.aws.on("GetQueueUrl", R"({"QueueUrl":"http://q"})");
        allow_event_route(account_.aws);
    }

    [[nodiscard]] std::size_t count(const std::string& operation) { return account_.aws.count(operation); }
    [[nodiscard]] std::string last(const std::string& operation) {
        std::string found;
        for (const auto& [name, input] : account_.aws.calls) {
            found = name == operation ? json::serialize(input) : found;
        }
        return found;
    }
    void rule_is_there() {
        account_.aws.on("GetQueueAttributes", of_the_rule);
        account_.aws.on("ListRuleNamesByTarget", R"({"RuleNames":["rule"]})");
    }
    void look_after(seconds time) {
        account_.clock.time += time;
        route_.look_again();
    }
    std::string failure() {
        return refusal(ErrorKind::unavailable, [&] { route_.ensure(); });
    }

    ScriptedAccount account_;
    OptionalActions optional_;
    SqsQueue queue_{account_.client, {.name = "q", .retention = seconds{600}, .process_time = seconds{7}}};
    EventRoute route_{account_.client, account_.clock, optional_, queue_, "rule"};
};

TEST_F(EventRouteTest, IsMadeOnceAndAddsToThePolicyOfTheQueue) {
    account_.aws.refuse("GetQueueUrl", "com.amazonaws.sqs#QueueDoesNotExist");
    account_.aws.on("CreateQueue", R"({"QueueUrl":"http://q"})");
    account_.aws.on(
        "GetQueueAttributes",
        R"({"Attributes":{"QueueArn":"arn:aws-cn:sqs:there:123:q","Policy":"{\"Statement\":[{\"Sid\":\"mine\"}]}"}})");
    route_.ensure();
    route_.ensure();
    EXPECT_EQ(last("CreateQueue"),
              R"({"QueueName":"q","Attributes":{"MessageRetentionPeriod":"600","VisibilityTimeout":"7"}})");
    EXPECT_THAT(last("PutRule"), HasSubstr(R"(\"startedBy\":[{\"prefix\":\"flotilla/\"}])"));
    EXPECT_THAT(last("SetQueueAttributes"), HasSubstr("mine"));
    EXPECT_THAT(last("SetQueueAttributes"), HasSubstr("arn:aws-cn:events:there:123:rule/rule"));
    EXPECT_THAT(last("PutTargets"), HasSubstr(R"("Id":"q")"));
    EXPECT_EQ(count("PutRule"), 1U);
}

TEST_F(EventRouteTest, WhatIsThereIsNotMadeAgain) {
    rule_is_there();
    route_.ensure();
    EXPECT_EQ(count("PutRule"), 1U) << "it may be another's";
    EXPECT_EQ(count("PutTargets") + count("CreateQueue"), 0U);
    EXPECT_THAT(last("SetQueueAttributes"), Not(HasSubstr("Policy")));
}

TEST_F(EventRouteTest, ARuleThatIsThereServesAsItIsWhereItMayNotBeChanged) {
    rule_is_there();
    account_.aws.refuse("PutRule", "AccessDeniedException");
    route_.ensure();
    EXPECT_THAT(optional_.losses(), ElementsAre(HasSubstr("events:PutRule")));
}

TEST_F(EventRouteTest, ARuleThatIsThereServesUntilItCanBeMadeAsItShouldBe) {
    rule_is_there();
    account_.aws.refuse("PutRule", "ConcurrentModificationException");
    route_.ensure();
    look_after(seconds{30});
    EXPECT_EQ(count("PutRule"), 1U);
    look_after(seconds{40});
    EXPECT_EQ(count("PutRule"), 2U);
    account_.aws.on("PutRule", "{}");
    look_after(seconds{60});
    look_after(seconds{60});
    EXPECT_EQ(count("PutRule"), 3U);
    EXPECT_THAT(route_.losses(), IsEmpty());
}

TEST_F(EventRouteTest, WithoutARuleThatIsKnownToBeThereNothingIsSent) {
    account_.aws.refuse("PutRule", "AccessDeniedException");
    account_.aws.refuse("ListRuleNamesByTarget", "AccessDeniedException");
    EXPECT_THAT(failure(), HasSubstr("events:PutRule"));
    EXPECT_THAT(failure(), HasSubstr("events:PutRule"));
    EXPECT_EQ(count("PutRule"), 1U) << "who asks at once is told the same";
    account_.clock.time += seconds{2};
    account_.aws.on("PutRule", "{}");
    account_.aws.on("PutTargets", R"({"FailedEntryCount":1,"FailedEntries":[{"ErrorMessage":"no room"}]})");
    EXPECT_THAT(failure(), HasSubstr("no room"));
    account_.clock.time += seconds{2};
    allow_event_route(account_.aws);
    account_.aws.refuse("ListRuleNamesByTarget", "AccessDeniedException");
    route_.ensure();
    EXPECT_THAT(optional_.losses(), ElementsAre(HasSubstr("events:ListRuleNamesByTarget")));
}

TEST_F(EventRouteTest, WhatSomebodyRemovedIsMadeAnewAndTold) {
    rule_is_there();
    route_.ensure();
    look_after(minutes{5});
    EXPECT_EQ(count("ListRuleNamesByTarget"), 2U);
    EXPECT_EQ(count("PutRule") + count("PutTargets"), 1U) << "all is there";
    EXPECT_THAT(route_.losses(), IsEmpty());
    account_.aws.on("ListRuleNamesByTarget", R"({"RuleNames":[]})");
    account_.aws.refuse("PutRule", "AccessDeniedException");
    look_after(minutes{5});
    EXPECT_THAT(failure(), HasSubstr("events:PutRule"));
    EXPECT_THAT(route_.losses(), ElementsAre(HasSubstr("somebody removed the rule rule")));
    account_.aws.on("PutRule", "{}");
    account_.clock.time += seconds{2};
    route_.ensure();
    EXPECT_EQ(count("PutTargets"), 1U);
    account_.aws.on("ListRuleNamesByTarget", R"({"RuleNames":["rule"]})");
    look_after(minutes{5});
    EXPECT_THAT(route_.losses(), IsEmpty());
    account_.aws.on("GetQueueAttributes", R"({"Attributes":{"QueueArn":"arn:aws-cn:sqs:there:123:q"}})");
    look_after(minutes{5});
    route_.ensure();
    EXPECT_THAT(route_.losses(), ElementsAre(HasSubstr("the policy")));
    EXPECT_THAT(last("SetQueueAttributes"), HasSubstr("Policy"));
}

TEST_F(EventRouteTest, ARuleThatSomebodyDisabledIsEnabledAndTold) {
    rule_is_there();
    route_.ensure();
    account_.aws.on("DescribeRule", R"({"State":"DISABLED"})");
    look_after(minutes{5});
    route_.ensure();
    EXPECT_EQ(count("PutRule"), 2U);
    EXPECT_THAT(last("PutRule"), HasSubstr(R"("State":"ENABLED")"));
    EXPECT_THAT(route_.losses(), ElementsAre(HasSubstr("somebody disabled the rule rule")));
    account_.aws.on("DescribeRule", R"({"State":"ENABLED"})");
    look_after(minutes{5});
    route_.ensure();
    EXPECT_EQ(count("PutRule"), 2U);
    EXPECT_THAT(route_.losses(), IsEmpty());
}

TEST_F(EventRouteTest, ARuleThatNobodyMayLookAtIsEnabledAgain) {
    rule_is_there();
    account_.aws.refuse("DescribeRule", "AccessDeniedException");
    route_.ensure();
    look_after(minutes{5});
    EXPECT_EQ(count("PutRule"), 2U);
    EXPECT_THAT(route_.losses(), IsEmpty());
    EXPECT_THAT(optional_.losses(), ElementsAre(HasSubstr("events:DescribeRule")));
}

TEST_F(EventRouteTest, ALookThatFailsChangesNothingAndIsTold) {
    rule_is_there();
    route_.ensure();
    account_.aws.refuse("ListRuleNamesByTarget", "InternalError");
    look_after(minutes{5});
    route_.ensure();
    EXPECT_EQ(count("PutRule"), 1U);
    EXPECT_THAT(
        route_.losses(),
        ElementsAre(testing::StartsWith("the look whether the rule rule still sends states of tasks: ")));
    account_.aws.on("ListRuleNamesByTarget", R"({"RuleNames":["rule"]})");
    look_after(minutes{5});
    EXPECT_THAT(route_.losses(), IsEmpty());
}

TEST_F(EventRouteTest, NobodyWaitsForALookThatGetsNoAnswer) {
    rule_is_there();
    route_.ensure();
    std::latch is_asked(1);
    std::promise<void> answer;
    account_.aws.on("ListRuleNamesByTarget", [&](const auto&) {
        is_asked.count_down();
        answer.get_future().wait();
        return HttpResponse{.status = 200, .headers = {}, .body = R"({"RuleNames":["rule"]})"};
    });
    auto look = std::async(std::launch::async, [&] { look_after(minutes{5}); });
    is_asked.wait();
    auto start = std::async(std::launch::async, [&] { route_.ensure(); });
    EXPECT_EQ(start.wait_for(seconds{10}), std::future_status::ready);
    answer.set_value();
    look.get();
}

TEST_F(EventRouteTest, WhatNobodyMayLookAtIsMadeAgain) {
    rule_is_there();
    account_.aws.refuse("ListRuleNamesByTarget", "AccessDeniedException");
    route_.ensure();
    look_after(minutes{5});
    EXPECT_EQ(count("PutTargets"), 2U);
    EXPECT_THAT(route_.losses(), IsEmpty());
    EXPECT_THAT(optional_.losses(), ElementsAre(HasSubstr("events:ListRuleNamesByTarget")));
}

TEST(FittedName, StandsForOneNameAlone) {
    const std::string name(90, 'a');
    EXPECT_EQ(aws::fitted_name("short", 64), "short");
    EXPECT_THAT(aws::fitted_name(name, 80), SizeIs(80));
    EXPECT_NE(aws::fitted_name(name, 80), aws::fitted_name(name + "a", 80));
    EXPECT_THAT(aws::fitted_name(name, 80), testing::StartsWith(std::string(63, 'a') + "-"));
}

class RecordingSink final : public TaskEventSink {
public:
    void take(const TaskState& state, const std::string&) override { taken.push_back(state.name.run.value); }
    std::vector<std::string> taken;
};

class TaskEventsTest : public testing::Test {
protected:
    TaskEventsTest() {
        allow_event_route(account_.aws);
        events_.add("here", sink_);
        events_.ensure_route();
    }

    void send(const std::string& run, const std::string& cluster) {
        sqs_.send("q", fmt::format(R"({{"detail":{{"taskArn":"arn:task/{0}","startedBy":"flotilla/{0}/1",)"
                                   R"("lastStatus":"RUNNING","clusterArn":"arn:cluster/{1}"}}}})",
                                   run, cluster));
    }
    void receive() { events_.receive(seconds{0}, {}); }

    ScriptedAccount account_;
    FakeSqs sqs_{account_};
    OptionalActions optional_;
    int parked_count_ = 0;
    ParkedMessages parked_{account_.client, {.name = "p"}, [this] { ++parked_count_; }};
    int searches_ = 0;
    bool is_store_away_ = false;
    RecordingSink sink_;
    TaskEvents events_{{account_.client, account_.clock, optional_, parked_,
                        [this](const RunId& run) {
                            if (is_store_away_) {
                                throw unavailable("away");
                            }
                            return run.value != "foreign";
                        },
                        [this] { ++searches_; }},
                       {.name = "q"},
                       "rule"};
};

TEST_F(TaskEventsTest, GoToTheClusterOfTheirTask) {
    send("ours", "here");
    receive();
    EXPECT_THAT(sink_.taken, ElementsAre("ours"));
    EXPECT_THAT(sqs_.bodies("q"), SizeIs(1)) << "until what it says is stored";
}

TEST_F(TaskEventsTest, OfRunsOfOthersAreDeleted) {
    send("foreign", "here");
    send("foreign", "elsewhere");
    sqs_.send("q", R"({"detail":{"startedBy":"somebody"}})");
    receive();
    EXPECT_THAT(sink_.taken, IsEmpty());
    EXPECT_THAT(sqs_.bodies("q"), IsEmpty());
    EXPECT_EQ(searches_, 0);
}

TEST_F(TaskEventsTest, OfAClusterThatThisServerDoesNotKnowStayForOneThatDoes) {
    send("ours", "elsewhere");
    receive();
    EXPECT_THAT(sqs_.bodies("q"), SizeIs(1));
    EXPECT_EQ(searches_, 1);
    RecordingSink other;
    events_.add("elsewhere", other);
    account_.clock.time += seconds{60};
    receive();
    EXPECT_THAT(other.taken, ElementsAre("ours"));
}

TEST_F(TaskEventsTest, StayWhileTheStoreIsAway) {
    is_store_away_ = true;
    send("ours", "here");
    receive();
    EXPECT_THAT(sink_.taken, IsEmpty());
    EXPECT_THAT(sqs_.bodies("q"), SizeIs(1));
}

TEST_F(TaskEventsTest, ThatNobodyCanReadAreParkedAndCounted) {
    for (const char* body : {"", "{", R"({"detail":{"startedBy":"flotilla/r/1"}})"}) {
        sqs_.send("q", body);
    }
    receive();
    EXPECT_EQ(parked_count_, 3);
    EXPECT_THAT(sqs_.bodies("q"), IsEmpty());
    EXPECT_THAT(sqs_.bodies("p"), SizeIs(3));
}

}  // namespace
}  // namespace flotilla::test
