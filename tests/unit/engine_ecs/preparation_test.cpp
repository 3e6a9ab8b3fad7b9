#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ecs/ecs_preparation.hpp"
#include "engine/ecs/event_route.hpp"
#include "engine/ecs/task_definition.hpp"
#include "support/refusal.hpp"
#include "support/sample_runs.hpp"
#include "support/scripted_aws.hpp"

namespace flotilla::test {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

Definition rich_definition() {
    Definition definition = sample_definition("a");
    definition.command = "echo hello";
    definition.env = {{"NAME", "value"}};
    definition.ports = {8080};
    definition.tags = {"one", "two"};
    definition.cpu = 500;
    definition.gpu = 2;
    definition.secrets = {"DB"};
    return definition;
}

EcsSettings settings() {
    EcsSettings made;
    made.log_options = {{"awslogs-group", "g"}};
    made.secrets = {{"DB", "arn:aws:ssm:::parameter/db"}};
    return made;
}

json::object container_of(const Definition& definition, const EcsSettings& with) {
    return task_definition(definition, with).at("containerDefinitions").at(0).as_object();
}

TEST(TaskDefinition, IsMappedAsBefore) {
    EXPECT_EQ(json::value(task_definition(rich_definition(), settings())), json::parse(R"({
        "family": "group-a", "networkMode": "host", "containerDefinitions": [{
            "name": "group-a", "image": "debian:12", "essential": true, "memory": 100, "cpu": 512, "user": "root",
            "command": ["bash", "-l", "-c", "set +x\nset -e\n\necho hello"],
            "environment": [{"name": "NAME", "value": "value"}],
            "portMappings": [{"containerPort": 8080, "hostPort": 8080}],
            "dockerLabels": {"alias": "a", "group.name": "group", "tags": "one,two"},
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}},
            "secrets": [{"name": "DB", "valueFrom": "arn:aws:ssm:::parameter/db"}],
            "resourceRequirements": [{"type": "GPU", "value": "2"}], "stopTimeout": 30}]})"));
}

TEST(TaskDefinition, HasUserPrivilegesAndNetworkOfTheConfiguration) {
    EcsSettings other = settings();
    other.user = "";
    other.is_privileged = true;
    other.network_mode = "bridge";
    EXPECT_EQ(container_of(rich_definition(), other).at("privileged"), true);
    EXPECT_FALSE(container_of(rich_definition(), other).contains("user"));
    EXPECT_EQ(task_definition(rich_definition(), other).at("networkMode"), "bridge");
    Definition with_user = rich_definition();
    with_user.user = "nobody";
    EXPECT_EQ(container_of(with_user, settings()).at("user"), "nobody");
    EXPECT_FALSE(container_of(with_user, settings()).contains("privileged"));
}

TEST(TaskDefinition, TakesTheSmallestSizeOfFargateThatHoldsIt) {
    EcsSettings fargate = settings();
    fargate.launch_type = "FARGATE";
    fargate.network_mode = "awsvpc";
    const auto size = [&](std::int64_t memory, std::int64_t cpu) {
        Definition definition = sample_definition("a");
        definition.memory = memory;
        definition.cpu = cpu;
        const auto made = task_definition(definition, fargate);
        return std::pair(std::string(made.at("memory").as_string()), std::string(made.at("cpu").as_string()));
    };
    using Size = std::pair<std::string, std::string>;
    EXPECT_EQ(size(100, 100), Size("512", "256"));
    EXPECT_EQ(size(1'100, 100), Size("2048", "256"));
    EXPECT_EQ(size(2'049, 100), Size("3072", "512"));
    EXPECT_EQ(size(100, 4'000), Size("8192", "4096"));
    EXPECT_EQ(size(100'000, 100), Size("106496", "16384"));
    EXPECT_THAT(refusal(ErrorKind::invalid, [&] { size(200'000, 100); }), HasSubstr("Fargate"));
}

TEST(TaskDefinition, AsksFargateForNoGpus) {
    EcsSettings fargate = settings();
    fargate.launch_type = "FARGATE";
    fargate.network_mode = "awsvpc";
    Definition definition = sample_definition("a");
    auto run = sample_run("r", definition);
    run.spec.gpu = 1;
    EXPECT_THAT(refusal(ErrorKind::invalid, [&] { std::ignore = task_overrides(definition, run, fargate); }),
                HasSubstr("Fargate has no GPUs"));
    definition.gpu = 1;
    EXPECT_THAT(refusal(ErrorKind::invalid, [&] { std::ignore = task_definition(definition, fargate); }),
                HasSubstr("Fargate has no GPUs"));
}

TEST(TaskOverrides, HoldWhatTheRunHasOtherwise) {
    const Definition definition = sample_definition("a");
    auto run = sample_run("r", definition);
    run.env = {{"A", "1"}, {"A", "2"}};
    EXPECT_EQ(json::value(task_overrides(definition, run, settings())),
              json::parse(R"({"containerOverrides": [
        {"name": "group-a", "environment": [{"name": "A", "value": "2"}]}]})"));
    run.spec.memory = 200;
    run.spec.command = "false";
    run.spec.cpu = 1'000;
    EcsSettings with_url = settings();
    with_url.server_url = "http://x";
    EXPECT_EQ(json::value(task_overrides(definition, run, with_url)), json::parse(R"({"containerOverrides": [
        {"name": "group-a", "environment": [{"name": "A", "value": "2"}, {"name": "FLOTILLA_URL", "value": "http://x"}],
         "memory": 200, "cpu": 1024, "command": ["bash", "-l", "-c", "set -x\nset -e\n\nfalse"]}]})"));
}

TEST(TaskOverrides, TakeAwayWhatTheDefinitionAsksForOrSayThatTheyCannot) {
    Definition definition = sample_definition("a");
    definition.cpu = 1'000;
    auto run = sample_run("r", definition);
    run.spec.cpu = std::nullopt;
    EXPECT_EQ(
        task_overrides(definition, run, settings()).at("containerOverrides").at(0).as_object().at("cpu"), 1);
    definition.gpu = 1;
    run.spec.gpu = std::nullopt;
    EXPECT_THAT(
        refusal(ErrorKind::invalid, [&] { std::ignore = task_overrides(definition, run, settings()); }),
        HasSubstr("int [gpu] cannot be overridden by 0"));
    run.spec.gpu = 2;
    EXPECT_THAT(json::serialize(task_overrides(definition, run, settings())), HasSubstr(R"("value":"2")"));
}

TEST(TaskOverrides, AreRefusedWhereEcsTakesThemNot) {
    const Definition definition = sample_definition("a");
    auto run = sample_run("r", definition);
    run.spec.secrets = {"DB"};
    EXPECT_THAT(
        refusal(ErrorKind::invalid, [&] { std::ignore = task_overrides(definition, run, settings()); }),
        HasSubstr("secrets"));
    run.spec.secrets = {};
    run.env = {{"A", std::string(9'000, 'x')}};
    EXPECT_THAT(
        refusal(ErrorKind::invalid, [&] { std::ignore = task_overrides(definition, run, settings()); }),
        HasSubstr("8192"));
}

TEST(RunTaskInput, NamesTheAttempt) {
    EcsSettings inside = settings();
    inside.network_mode = "awsvpc";
    inside.subnets = {"subnet-1"};
    inside.security_groups = {"sg-1"};
    EXPECT_EQ(json::value(run_task_input({{"r"}, 2}, {{"taskDefinition", "arn"}}, "c", inside)),
              json::parse(R"({
        "taskDefinition": "arn", "cluster": "c", "count": 1, "clientToken": "r.2", "startedBy": "flotilla/r/2",
        "launchType": "EC2", "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}}})"));
    inside.assign_public_ip = "ENABLED";
    const auto input = run_task_input({{"r"}, 2}, {{"taskDefinition", "arn"}}, "c", inside);
    EXPECT_THAT(json::serialize(input), HasSubstr(R"("assignPublicIp":"ENABLED")"));
}

TEST(EcsPreparation, RefusesWhatNoInstanceHolds) {
    ScriptedAccount account;
    OptionalActions optional;
    AccountClusters clusters{account.client, account.clock, optional};
    EcsPreparation preparation{account.client, clusters, settings()};
    account.aws.on("ListContainerInstances", R"({"containerInstanceArns":["i"]})");
    account.aws.on("DescribeContainerInstances", R"({"containerInstances":[
        {"registeredResources":[{"name":"CPU","integerValue":4096},{"name":"MEMORY","integerValue":1000}]}]})");
    Definition definition = sample_definition("a");
    auto run = sample_run("r", definition);
    run.spec.memory = 1'000;
    EXPECT_THAT(refusal(ErrorKind::invalid, [&] { std::ignore = preparation.request_of(definition, run); }),
                HasSubstr("1000 MiB"));
    run.spec.memory = 999;
    EXPECT_FALSE(preparation.request_of(definition, run).empty());
    EXPECT_EQ(account.aws.count("ListContainerInstances"), 1U) << "it is remembered";
    account.clock.time += std::chrono::minutes{16};
    EXPECT_FALSE(preparation.request_of(definition, run).empty());
    EXPECT_EQ(account.aws.count("ListContainerInstances"), 2U);
}

TEST(EcsPreparation, TellsRealChangesFromOthers) {
    ScriptedAccount account;
    OptionalActions optional;
    AccountClusters clusters{account.client, account.clock, optional};
    EcsPreparation preparation{account.client, clusters, settings()};
    const Definition definition = sample_definition("a");
    Definition other = definition;
    other.description = "what it does";
    other.limits.timeout_seconds = 3;
    EXPECT_EQ(preparation.digest_of(definition), preparation.digest_of(other));
    other.image = "debian:13";
    EXPECT_NE(preparation.digest_of(definition), preparation.digest_of(other));
    EcsSettings changed = settings();
    changed.log_options = {{"awslogs-group", "another"}};
    EcsPreparation after_the_change{account.client, clusters, changed};
    EXPECT_NE(preparation.digest_of(definition), after_the_change.digest_of(definition));
}

TEST(EcsPreparation, RefusesRunsForAClusterThatIsNotThere) {
    ScriptedAccount account;
    OptionalActions optional;
    AccountClusters clusters{account.client, account.clock, optional};
    EcsPreparation preparation{account.client, clusters, settings()};
    const Definition definition = sample_definition("a");
    const auto run = sample_run("r", definition);
    const auto request = [&] { return preparation.request_of(definition, run); };
    for (const char* answer :
         {R"({"clusters":[]})", R"({"clusters":[{"clusterName":"default","status":"INACTIVE"}]})"}) {
        account.aws.on("DescribeClusters", answer);
        EXPECT_THAT(refusal(ErrorKind::invalid, [&] { std::ignore = request(); }),
                    HasSubstr("cluster [default] does not exist in ECS"));
    }
    account.aws.on("DescribeClusters", R"({"clusters":[{"clusterName":"default","status":"ACTIVE"}]})");
    EXPECT_FALSE(request().empty());
    EXPECT_FALSE(request().empty());
    EXPECT_EQ(account.aws.count("DescribeClusters"), 3U) << "it is remembered";
    account.aws.refuse("DescribeClusters", "ServerException");
    account.clock.time += std::chrono::minutes{16};
    EXPECT_FALSE(request().empty()) << "nobody knows that it is gone";
}

TEST(EcsPreparation, DoesNotWaitForAnEcsThatDidNotAnswerAMomentAgo) {
    ScriptedAccount account;
    OptionalActions optional;
    AccountClusters clusters{account.client, account.clock, optional};
    EcsPreparation preparation{account.client, clusters, settings()};
    account.aws.on("DescribeClusters", [&](const json::object&) -> HttpResponse {
        account.clock.time += std::chrono::seconds{2};
        throw unavailable("no answer");
    });
    const Definition definition = sample_definition("a");
    const auto run = sample_run("r", definition);
    const auto begin = account.clock.now();
    EXPECT_FALSE(preparation.request_of(definition, run).empty());
    EXPECT_LE(account.clock.now() - begin, std::chrono::seconds{3});
    EXPECT_EQ(account.aws.calls.size(), 1U) << "nor is it asked for the cluster's instances";
    EXPECT_FALSE(preparation.request_of(definition, run).empty());
    EXPECT_EQ(account.aws.calls.size(), 1U);
    account.clock.time += std::chrono::seconds{31};
    EXPECT_FALSE(preparation.request_of(definition, run).empty());
    EXPECT_EQ(account.aws.calls.size(), 2U);
}

TEST(EcsPreparation, WaitsForARegistrationNoLongerThanSomebodyWhoAsksForIt) {
    ScriptedAccount account;
    OptionalActions optional;
    AccountClusters clusters{account.client, account.clock, optional};
    EcsPreparation preparation{account.client, clusters, settings()};
    account.aws.on("RegisterTaskDefinition", [&](const json::object&) -> HttpResponse {
        account.clock.time += std::chrono::seconds{3};
        throw unavailable("no answer");
    });
    const auto begin = account.clock.now();
    refusal(ErrorKind::unavailable,
            [&] { std::ignore = preparation.register_definition(sample_definition("a")); });
    EXPECT_LE(account.clock.now() - begin, std::chrono::seconds{3});
}

TEST(AccountClusters, AreThoseThatAreActive) {
    ScriptedAccount account;
    OptionalActions optional;
    AccountClusters clusters{account.client, account.clock, optional};
    account.aws.refuse("ListClusters", "ServerException", "try again");
    EXPECT_THROW(std::ignore = clusters.names(AwsClient::Limits{}), Error);
    EXPECT_THAT(clusters.trouble(), testing::Optional(HasSubstr("try again")));
    account.aws.on("ListClusters", R"({"clusterArns":["arn:c/b","arn:c/a","arn:c/x"]})");
    account.aws.on("DescribeClusters", R"({"clusters":[{"clusterName":"b","status":"ACTIVE"},
        {"clusterName":"a","status":"ACTIVE"},{"clusterName":"x","status":"INACTIVE"}]})");
    EXPECT_EQ(clusters.names(AwsClient::Limits{}), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(clusters.trouble(), std::nullopt);
    account.aws.refuse("ListClusters", "AccessDeniedException");
    EXPECT_EQ(clusters.names(AwsClient::Limits{}), std::nullopt);
    EXPECT_THAT(optional.losses(), testing::ElementsAre(HasSubstr("ecs:ListClusters")));
}

}  // namespace
}  // namespace flotilla::test
