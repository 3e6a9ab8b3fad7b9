#include "engine/ecs/instances.hpp"

#include <functional>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scripted_aws.hpp"

namespace flotilla::test {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Optional;

constexpr const char* named = "<R><privateDnsName>host-1</privateDnsName></R>";

class InstancesTest : public testing::Test {
protected:
    InstancesTest() {
        account_.aws.on("DescribeContainerInstances", R"({"containerInstances":[{"ec2InstanceId":"i-1"}]})");
        account_.aws.on("DescribeInstances", named);
    }
    /// Until the thread that asks has what it waits for.
    static void await(const std::function<bool()>& is_so) {
        while (!is_so()) {
            std::this_thread::yield();
        }
    }
    static std::string dns_name(Instances& instances, const std::string& container_instance) {
        return instances.find("c", container_instance).dns_name;
    }

    ScriptedAccount account_;
    OptionalActions optional_;
};

TEST_F(InstancesTest, AreAskedForOnce) {
    Instances instances{account_.client, account_.clock, optional_};
    EXPECT_EQ(dns_name(instances, "arn:ci"), "host-1");
    EXPECT_EQ(instances.find("c", "arn:ci").id, "i-1");
    EXPECT_EQ(account_.aws.count("DescribeContainerInstances"), 1U);
    EXPECT_EQ(account_.aws.count("DescribeInstances"), 1U);
    EXPECT_EQ(instances.find("c", "").id, "") << "Fargate has none";
}

TEST_F(InstancesTest, ThatCannotBeNamedNowAreAskedForAgainAfterAMinute) {
    account_.aws.refuse("DescribeInstances", "UnrecognizedClientException", "not now");
    Instances instances{account_.client, account_.clock, optional_};
    EXPECT_EQ(instances.find("c", "arn:ci").id, "i-1");
    EXPECT_EQ(dns_name(instances, "arn:ci"), "");
    EXPECT_THAT(instances.trouble(), Optional(HasSubstr("not now")));
    account_.aws.on("DescribeInstances", named);
    account_.clock.time += minutes{1};
    await([&] { return dns_name(instances, "arn:ci") == "host-1"; });
    EXPECT_EQ(instances.trouble(), std::nullopt);
    EXPECT_EQ(account_.aws.count("DescribeContainerInstances"), 1U);
}

TEST_F(InstancesTest, ThatEc2DoesNotKnowAreNoTrouble) {
    account_.aws.refuse("DescribeInstances", "InvalidInstanceID.Malformed");
    Instances instances{account_.client, account_.clock, optional_};
    EXPECT_EQ(instances.find("c", "arn:ci").id, "i-1");
    EXPECT_EQ(instances.trouble(), std::nullopt);
}

TEST_F(InstancesTest, NobodyWaitsForAnAnswerThatDoesNotCome) {
    std::promise<void> answered;
    account_.aws.on("DescribeInstances", [&](const boost::json::object&) {
        answered.get_future().wait();
        account_.aws.on("DescribeInstances", named);
        return HttpResponse{.status = 200, .headers = {}, .body = named};
    });
    Instances instances{account_.client, account_.clock, optional_, std::chrono::milliseconds{0}};
    for (const char* container_instance : {"arn:1", "arn:2", "arn:3"}) {
        EXPECT_EQ(dns_name(instances, container_instance), "");
    }
    EXPECT_THAT(instances.trouble(), Optional(HasSubstr("does not answer")));
    answered.set_value();
    await([&] { return dns_name(instances, "arn:3") == "host-1"; });
    EXPECT_EQ(instances.trouble(), std::nullopt);
}

}  // namespace
}  // namespace flotilla::test
