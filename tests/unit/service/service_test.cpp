#include <gtest/gtest.h>

#include "support/control_plane.hpp"
#include "support/refusal.hpp"

namespace flotilla {
namespace {

using test::refusal;

struct ServiceTest : testing::Test {
    flotilla::Run execute(const ExecuteRequest& request) {
        return plane.run_service.execute(definition, request);
    }

    test::ControlPlane plane;
    Definition definition = plane.definition_service.create(plane.fields("job"), {});
};

TEST_F(ServiceTest, ADefinitionsIdBeginsWithItsGroup) {
    EXPECT_EQ(definition.id.value, "group-id-1");
}

TEST_F(ServiceTest, ADefinitionNeedsAnImageReference) {
    auto fields = plane.fields("other");
    fields.image = "Not An Image";
    EXPECT_NE(refusal(ErrorKind::invalid, [&] { plane.definition_service.create(fields, {}); })
                  .find("[Not An Image]"),
              std::string::npos);
    EXPECT_NE(
        refusal(ErrorKind::invalid, [&] { plane.definition_service.update(definition.id, fields, {}); }), "");
}

TEST_F(ServiceTest, MissingThingsAreNamedAsTheOriginalNamesThem) {
    EXPECT_EQ(refusal(ErrorKind::not_found, [&] { static_cast<void>(plane.definition_service.get({"x"})); }),
              "Definition with ID x not found");
    EXPECT_EQ(
        refusal(ErrorKind::not_found, [&] { static_cast<void>(plane.definition_service.get_by_alias("x")); }),
        "Definition with alias x not found");
    EXPECT_EQ(refusal(ErrorKind::not_found, [&] { static_cast<void>(plane.run_service.get({"x"})); }),
              "Run with id x not found");
    EXPECT_EQ(refusal(ErrorKind::not_found, [&] { plane.definition_service.remove({"x"}); }),
              "Definition with ID x not found");
}

TEST_F(ServiceTest, ARunIsStoredWithItsReservedVariablesFirst) {
    const auto run = execute({.cluster = {}, .env = {{"K", "V"}}, .owner = "ann"});
    const auto stored = plane.stored(run);
    EXPECT_EQ(stored.env, (Env{{"FLOTILLA_SERVER_MODE", "test"},
                               {"FLOTILLA_RUN_ID", run.id.value},
                               {"FLOTILLA_RUN_OWNER_ID", "ann"},
                               {"K", "V"}}));
    EXPECT_EQ(stored.cluster, "default");
    EXPECT_EQ(stored.engine, "local");
    EXPECT_EQ(stored.owner, "ann");
    EXPECT_EQ(stored.status, RunStatus::queued);
}

TEST_F(ServiceTest, AReservedVariableIsRefusedByItsExactName) {
    EXPECT_EQ(refusal(ErrorKind::conflict,
                      [&] {
                          execute({.cluster = {}, .env = {{"FLOTILLA_RUN_ID", "x"}}, .owner = "ann"});
                      }),
              "environment variable FLOTILLA_RUN_ID is reserved");
    EXPECT_NO_THROW(execute({.cluster = {}, .env = {{"flotilla_run_id", "x"}}, .owner = "ann"}));
}

TEST_F(ServiceTest, AnUnknownClusterIsAnsweredWithTheKnownOnes) {
    EXPECT_EQ(refusal(ErrorKind::invalid, [&] { execute({.cluster = "x", .env = {}, .owner = ""}); }),
              "cluster [x] does not exist, the clusters are: default, empty");
}

TEST_F(ServiceTest, ADefinitionMustBeSmallerThanItsCluster) {
    DefinitionFields fields;
    fields.memory = 1000;
    definition = plane.definition_service.update(definition.id, fields, {});
    EXPECT_EQ(refusal(ErrorKind::invalid, [&] { execute({.cluster = {}, .env = {}, .owner = ""}); }),
              "definition [group-id-1] cannot be run on cluster [default]");
    fields.memory = 999;
    definition = plane.definition_service.update(definition.id, fields, {});
    EXPECT_NO_THROW(execute({.cluster = {}, .env = {}, .owner = ""}));
    EXPECT_NE(refusal(ErrorKind::invalid, [&] { execute({.cluster = "empty", .env = {}, .owner = ""}); }),
              "");
}

TEST_F(ServiceTest, AMissingImageAndAnUnreachableRegistryAreToldApart) {
    plane.images.answer = ImageAbsent{"manifest unknown"};
    EXPECT_EQ(refusal(ErrorKind::not_found, [&] { execute({.cluster = {}, .env = {}, .owner = ""}); }),
              "image [debian:12] was not found in any of the configured repositories");
    plane.images.answer = ImageUnknown{"docker.io does not answer"};
    const auto message =
        refusal(ErrorKind::unavailable, [&] { execute({.cluster = {}, .env = {}, .owner = ""}); });
    EXPECT_NE(message.find("docker.io does not answer"), std::string::npos);
}

TEST_F(ServiceTest, ARunKeepsTheDigestThatItsImageHadWhenItWasMade) {
    plane.images.answer = ImagePresent{"sha256:1"};
    const auto run = execute({.cluster = {}, .env = {}, .owner = "ann"});
    plane.images.answer = ImagePresent{"sha256:2"};
    EXPECT_EQ(plane.stored(run).spec.image_digest, "sha256:1");
    EXPECT_EQ(execute({.cluster = {}, .env = {}, .owner = "ann"}).spec.image_digest, "sha256:2");
}

TEST_F(ServiceTest, OnlySecretsThatAreConfiguredMayBeAskedFor) {
    definition.secrets = {"KNOWN", "UNKNOWN"};
    plane.secrets.known = {"KNOWN"};
    EXPECT_EQ(refusal(ErrorKind::invalid, [&] { execute({.cluster = {}, .env = {}, .owner = "ann"}); }),
              "secret [UNKNOWN] is not configured");
    plane.secrets.known = {"KNOWN", "UNKNOWN"};
    const auto run = execute({.cluster = {}, .env = {}, .owner = "ann"});
    EXPECT_EQ(plane.stored(run).spec.secrets, (std::vector<std::string>{"KNOWN", "UNKNOWN"}));
}

TEST_F(ServiceTest, AStoppedRunCannotBeStoppedAgain) {
    const auto run = execute({.cluster = {}, .env = {}, .owner = ""});
    plane.run_service.stop(run.id, "");
    EXPECT_EQ(plane.stored(run).status, RunStatus::stopped);
    EXPECT_EQ(refusal(ErrorKind::invalid, [&] { plane.run_service.stop(run.id, ""); }),
              "invalid run, state: STOPPED, arn: , clusterName: default");
}

TEST_F(ServiceTest, AReportIsCheckedBeforeItsRunIsLookedFor) {
    EXPECT_EQ(refusal(ErrorKind::invalid,
                      [&] {
                          plane.run_service.report({"nope"}, {"x", {}});
                      }),
              "status x is invalid");
    EXPECT_EQ(refusal(ErrorKind::not_found,
                      [&] {
                          plane.run_service.report({"nope"}, {"RUNNING", {}});
                      }),
              "Run with id nope not found");
}

TEST_F(ServiceTest, AReportedRetryWaitsForItsBackOff) {
    const auto run = execute({.cluster = {}, .env = {}, .owner = ""});
    plane.run_service.report(run.id, {"NEEDS_RETRY", {}});
    EXPECT_EQ(plane.stored(run).status, RunStatus::needs_retry);
    EXPECT_EQ(plane.stored(run).retry_at, test::noon + plane.retry.first_backoff);
}

TEST_F(ServiceTest, AnUnknownDefinitionIsSaidBeforeAnyOtherMistakeOfAQuery) {
    EXPECT_EQ(refusal(ErrorKind::not_found,
                      [&] {
                          static_cast<void>(
                              plane.run_service.list_query({{"status", "BAD"}, {"definition_id", "nope"}}));
                      }),
              "Definition with ID nope not found");
    EXPECT_EQ(refusal(ErrorKind::invalid,
                      [&] {
                          static_cast<void>(plane.run_service.list_query(
                              {{"status", "BAD"}, {"definition_id", definition.id.value}}));
                      }),
              "invalid status [BAD]");
}

TEST_F(ServiceTest, ALogIsEmptyBeforeTheRunIsRunning) {
    const auto run = execute({.cluster = {}, .env = {}, .owner = ""});
    EXPECT_EQ(plane.log_service.read(run.id, "", {}).text, "");
    EXPECT_EQ(plane.log_service.read(run.id, "", {}).last_seen, "");
    plane.run_service.report(run.id, {"RUNNING", {}});
    plane.logs.logs[{run.id.value, 1}] = "a line\n";
    EXPECT_EQ(plane.log_service.read(run.id, "", {}).text, "a line");
}

TEST(ImageServiceTest, WhatIsAtHandComesBeforeWhatDefinitionsName) {
    test::ControlPlane plane;
    plane.images.at_hand = {"python:3", "debian:12"};
    for (const char* image : {"debian:12", "alpine:3", "zoo:1"}) {
        auto fields = plane.fields(image);
        fields.image = image;
        (void)plane.definition_service.create(fields, {});
    }
    const std::vector<KnownImage> expected{
        {"debian:12", true}, {"python:3", true}, {"alpine:3", false}, {"zoo:1", false}};
    EXPECT_EQ(plane.image_service.known(), expected);
}

}  // namespace
}  // namespace flotilla
