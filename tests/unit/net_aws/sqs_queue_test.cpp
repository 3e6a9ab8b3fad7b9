#include "net/aws/sqs_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/refusal.hpp"
#include "support/scripted_aws.hpp"

namespace flotilla::test {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SqsQueueTest : public testing::Test {
protected:
    SqsQueueTest() {
        account_.aws.on("GetQueueUrl", R"({"QueueUrl":"http://q"})");
        account_.aws.on("GetQueueAttributes",
                        R"({"Attributes":{"MessageRetentionPeriod":"600","VisibilityTimeout":"7"}})");
    }
    /// What the calls of an operation were asked, in JSON.
    std::vector<std::string> inputs_of(const std::string& operation) {
        std::vector<std::string> inputs;
        for (const auto& [name, input] : account_.aws.calls) {
            if (name == operation) {
                inputs.push_back(json::serialize(input));
            }
        }
        return inputs;
    }

    static ScriptedAws::Answer throttled_once() {
        return [first = true](const json::object&) mutable {
            return std::exchange(first, false)
                       ? HttpResponse{.status = 400, .headers = {}, .body = R"({"__type":"SlowDown"})"}
                       : HttpResponse{.status = 200, .headers = {}, .body = R"({"QueueUrl":"http://q"})"};
        };
    }

    ScriptedAccount account_;
    SqsQueue queue_{
        account_.client,
        {.name = "q", .retention = std::chrono::seconds{600}, .process_time = std::chrono::seconds{7}}};
};

TEST_F(SqsQueueTest, OneThatDoesNotExistIsMadeOnceWithItsAttributes) {
    account_.aws.refuse("GetQueueUrl", "com.amazonaws.sqs#QueueDoesNotExist");
    account_.aws.on("CreateQueue", R"({"QueueUrl":"http://q"})");
    EXPECT_TRUE(queue_.ensure());
    EXPECT_FALSE(queue_.ensure());
    EXPECT_EQ(queue_.url(), "http://q");
    EXPECT_THAT(
        inputs_of("CreateQueue"),
        ElementsAre(
            R"({"QueueName":"q","Attributes":{"MessageRetentionPeriod":"600","VisibilityTimeout":"7"}})"));
}

TEST_F(SqsQueueTest, OneThatExistsIsLeftAsItIsWhereItHasTheAttributes) {
    EXPECT_FALSE(queue_.ensure());
    EXPECT_EQ(account_.aws.count("SetQueueAttributes"), 0U);
}

TEST_F(SqsQueueTest, OneThatExistsIsGivenTheAttributesThatItLacks) {
    account_.aws.on("GetQueueAttributes", R"({"Attributes":{"MessageRetentionPeriod":"600"}})");
    account_.aws.on("SetQueueAttributes", "");
    queue_.ensure();
    EXPECT_THAT(inputs_of("SetQueueAttributes"), ElementsAre(HasSubstr(R"("VisibilityTimeout":"7")")));
}

TEST_F(SqsQueueTest, OneWhoseAttributesMayNotBeChangedIsUsedAsItIs) {
    account_.aws.refuse("GetQueueAttributes", "AccessDeniedException");
    EXPECT_FALSE(queue_.ensure());
    EXPECT_EQ(queue_.url(), "http://q");
}

TEST_F(SqsQueueTest, WhatIsAskedIsNotTriedAgainOnceItIsToStop) {
    queue_.ensure();
    for (const char* operation : {"SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"}) {
        account_.aws.on(operation, throttled_once());
    }
    account_.aws.on("GetQueueUrl", throttled_once());
    std::stop_source stop;
    stop.request_stop();
    const std::vector<std::string> some{"x"};
    SqsQueue other(account_.client, {.name = "other"});
    EXPECT_THROW(other.ensure(stop.get_token()), AwsError);
    EXPECT_THROW(std::ignore = queue_.send(some, stop.get_token()), AwsError);
    EXPECT_THROW(queue_.remove(some, stop.get_token()), AwsError);
    EXPECT_THROW(std::ignore = queue_.hide(some, std::chrono::seconds{1}, stop.get_token()), AwsError);
}

TEST_F(SqsQueueTest, ItsNameMayNotBeLongerThanSqsTakes) {
    SqsQueue queue(account_.client, {.name = std::string(81, 'q')});
    EXPECT_THAT(refusal(ErrorKind::invalid, [&] { queue.ensure(); }),
                HasSubstr("longer than the 80 characters of SQS"));
    EXPECT_THAT(account_.aws.calls, IsEmpty());
}

TEST_F(SqsQueueTest, ItIsAskedForAgainOnceSqsSaysThatItIsNoMore) {
    queue_.ensure();
    account_.aws.refuse("ReceiveMessage", "com.amazonaws.sqs#QueueDoesNotExist");
    EXPECT_THROW(std::ignore = queue_.receive(10, std::chrono::seconds{0}, {}), AwsError);
    EXPECT_EQ(queue_.url(), "");
    queue_.ensure();
    EXPECT_EQ(account_.aws.count("GetQueueUrl"), 2U);
}

TEST_F(SqsQueueTest, MessagesAreSentByTensAndThoseThatFailedAreTold) {
    account_.aws.on("SendMessageBatch", [](const json::object& input) {
        json::object answer;
        for (const auto& entry : input.at("Entries").as_array()) {
            if (entry.at("MessageBody") == "bad") {
                answer["Failed"] = json::array{json::object{{"Id", entry.at("Id")}}};
            }
        }
        return HttpResponse{.status = 200, .headers = {}, .body = json::serialize(answer)};
    });
    queue_.ensure();
    std::vector<std::string> bodies(25, "good");
    bodies[13] = "bad";
    EXPECT_THAT(queue_.send(bodies), ElementsAre(13U));
    EXPECT_EQ(account_.aws.count("SendMessageBatch"), 3U);
}

}  // namespace
}  // namespace flotilla::test
