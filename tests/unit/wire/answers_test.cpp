#include "wire/answers.hpp"

#include <gtest/gtest.h>

#include "support/sample_runs.hpp"

namespace flotilla {
namespace {

Definition definition() {
    return test::sample_definition("a");
}

flotilla::Run stopped_run() {
    auto run = test::sample_run("r1", definition());
    run.status = RunStatus::stopped;
    run.env = {{"FLOTILLA_RUN_ID", "r1"}};
    run.attempt.handle = "h";
    run.attempt.instance = {.id = "i-1", .dns_name = "host"};
    run.attempt.started_at = test::noon;
    run.attempt.finished_at = test::noon + std::chrono::milliseconds(1500);
    run.attempt.exit_code = 137;
    run.attempt.exit_reason = "it took too much memory";
    return run;
}

TEST(DefinitionJsonTest, EmptyListsAreLeftOutButTheEnvironment) {
    EXPECT_EQ(definition_json(definition()),
              R"({"env":[],"arn":"","definition_id":"group-a","image":"debian:12","group_name":"group",)"
              R"("container_name":"group-a","alias":"a","memory":100,"command":"true"})"
              "\n");
}

TEST(DefinitionJsonTest, EverythingThatIsSetIsShown) {
    auto full = definition();
    full.env = {{"A", "1"}, {"A", ""}};
    full.ports = {80, 81};
    full.tags = {"t"};
    full.user = "nobody";
    EXPECT_EQ(
        definition_json(full),
        R"({"env":[{"name":"A","value":"1"},{"name":"A","value":""}],"arn":"","definition_id":"group-a",)"
        R"("image":"debian:12","group_name":"group","container_name":"group-a","user":"nobody","alias":"a",)"
        R"("memory":100,"command":"true","ports":[80,81],"tags":["t"]})"
        "\n");
}

TEST(RunJsonTest, AWaitingRunShowsOnlyWhatIsKnown) {
    EXPECT_EQ(
        run_json(test::sample_run("r1", definition())),
        R"({"instance":{"dns_name":"","instance_id":""},"task_arn":"","run_id":"r1","definition_id":"group-a",)"
        R"("alias":"a","image":"debian:12","cluster":"default","status":"QUEUED","group_name":"group",)"
        R"("user":"somebody","env":[],"queued_at":"2018-11-01T12:00:00Z","command":"true","memory":100,)"
        R"("engine":"local","attempt_count":1,"attempts":[{"number":1,"task_arn":"",)"
        R"("instance":{"dns_name":"","instance_id":""},"status":"QUEUED","queued_at":"2018-11-01T12:00:00Z"}]})"
        "\n");
}

TEST(RunJsonTest, EverythingThatWasAskedForIsShown) {
    auto run = test::sample_run("r1", definition());
    run.spec.image_digest = "sha256:00";
    run.spec.cpu = 500;
    run.spec.gpu = 2;
    run.spec.secrets = {"TOKEN"};
    run.description = "nightly";
    run.labels = {{"team", "forecasting"}};
    run.executed_by = "scheduler";
    const auto json = run_json(run, "its turn");
    EXPECT_NE(json.find(R"("image_digest":"sha256:00","command":"true","memory":100,"cpu":500,"gpu":2,)"
                        R"("secrets":["TOKEN"],"engine":"local","description":"nightly",)"
                        R"("labels":{"team":"forecasting"},"executed_by":"scheduler")"),
              std::string::npos)
        << json;
    EXPECT_TRUE(json.ends_with("\"waiting_for\":\"its turn\"}\n")) << json;
}

TEST(RunJsonTest, EachAttemptShowsHowItEnded) {
    auto run = test::sample_run("r1", definition());
    run.attempt.exit_class = ExitClass::image_unavailable;
    run.attempt.exit_reason = "the registry was busy";
    run.attempt.finished_at = test::noon;
    run.earlier_attempts = {run.attempt};
    run.attempt = {};
    run.attempt.number = 2;
    run.attempt.queued_at = test::noon;
    run.attempt.submitted_at = test::noon;
    run.status = RunStatus::pending;
    const auto json = run_json(run);
    EXPECT_NE(json.find(R"("attempt_count":2,"attempts":[{"number":1,"task_arn":"",)"
                        R"("instance":{"dns_name":"","instance_id":""},"status":"STOPPED",)"
                        R"("queued_at":"2018-11-01T12:00:00Z","finished_at":"2018-11-01T12:00:00Z",)"
                        R"("exit_class":"image_unavailable","exit_reason":"the registry was busy"},)"
                        R"({"number":2,"task_arn":"","instance":{"dns_name":"","instance_id":""},)"
                        R"("status":"PENDING","queued_at":"2018-11-01T12:00:00Z",)"
                        R"("submitted_at":"2018-11-01T12:00:00Z"}])"),
              std::string::npos)
        << json;
}

TEST(RunJsonTest, AStoppedRunShowsItsOutcome) {
    EXPECT_EQ(
        run_json(stopped_run()),
        R"({"instance":{"dns_name":"host","instance_id":"i-1"},"task_arn":"h","run_id":"r1",)"
        R"("definition_id":"group-a","alias":"a","image":"debian:12","cluster":"default","exit_code":137,)"
        R"("status":"STOPPED","started_at":"2018-11-01T12:00:00Z","finished_at":"2018-11-01T12:00:01.5Z",)"
        R"("group_name":"group","user":"somebody","env":[{"name":"FLOTILLA_RUN_ID","value":"r1"}],)"
        R"("exit_reason":"it took too much memory","queued_at":"2018-11-01T12:00:00Z","command":"true",)"
        R"("memory":100,"engine":"local","attempt_count":1,"attempts":[{"number":1,"task_arn":"h",)"
        R"("instance":{"dns_name":"host","instance_id":"i-1"},"status":"STOPPED",)"
        R"("queued_at":"2018-11-01T12:00:00Z","started_at":"2018-11-01T12:00:00Z",)"
        R"("finished_at":"2018-11-01T12:00:01.5Z","exit_code":137,)"
        R"("exit_reason":"it took too much memory"}]})"
        "\n");
}

TEST(RunJsonTest, TheOutcomeIsNotShownBeforeTheRunIsStopped) {
    auto run = stopped_run();
    run.status = RunStatus::running;
    const auto json = run_json(run);
    EXPECT_EQ(json.find("exit_code"), std::string::npos);
    EXPECT_EQ(json.find("finished_at"), std::string::npos);
    EXPECT_EQ(json.find("exit_reason"), std::string::npos);
}

TEST(RunJsonTest, ARunThatIsRetriedShowsWhy) {
    auto run = stopped_run();
    run.status = RunStatus::needs_retry;
    EXPECT_NE(run_json(run).find(R"("exit_reason":"it took too much memory")"), std::string::npos);
}

TEST(ListJsonTest, TheQueryIsEchoed) {
    const QueryParameters parameters{{"limit", "+5"},       {"alias", "a"},        {"env", "X|1"},
                                     {"sort_by", "memory"}, {"memory_since", "1"}, {"alias", "b"},
                                     {"env", "bad"},        {"order", "desc"}};
    const auto query = parse_list_query(parameters, definition_fields());
    EXPECT_EQ(
        definition_list_json({{}, 7}, parameters, query),
        R"({"definitions":[],"env_filters":{"X":"1"},"limit":5,"offset":0,"order":"desc","sort_by":"memory",)"
        R"("alias":["a","b"],"memory_since":["1"],"total":7})"
        "\n");
}

TEST(ListJsonTest, RunsStandUnderHistory) {
    const auto query = parse_list_query({}, run_fields());
    const auto json = run_list_json({{stopped_run()}, 1}, {}, query);
    EXPECT_EQ(json.find(R"({"history":[{"instance":)"), 0U);
    EXPECT_NE(
        json.find(
            R"(}],"env_filters":{},"limit":1024,"offset":0,"order":"asc","sort_by":"group_name","total":1})"),
        std::string::npos);
}

TEST(ListJsonTest, EmptyListsAreListsAndNotNull) {
    EXPECT_EQ(group_list_json({}, {}), "{\"groups\":[],\"limit\":1024,\"offset\":0,\"total\":0}\n");
    EXPECT_EQ(tag_list_json({{"t"}, 3}, {.name = {}, .limit = 1, .offset = 2}),
              "{\"tags\":[\"t\"],\"limit\":1,\"offset\":2,\"total\":3}\n");
    EXPECT_EQ(cluster_list_json({"b", "a"}), "{\"clusters\":[\"b\",\"a\"]}\n");
}

TEST(SmallAnswersTest, TheyAreWhatClientsWaitFor) {
    EXPECT_EQ(log_json("a\nb", "token", false), "{\"last_seen\":\"token\",\"log\":\"a\\nb\"}\n");
    EXPECT_EQ(log_json("", "", false), "{\"log\":\"\"}\n");
    EXPECT_EQ(log_json("", "", true), "{\"log\":\"\",\"may_grow\":true}\n");
    EXPECT_EQ(done_json("deleted"), "{\"deleted\":true}\n");
    EXPECT_EQ(error_json("no [x]"), "{\"error\":\"no [x]\"}\n");
}

}  // namespace
}  // namespace flotilla
