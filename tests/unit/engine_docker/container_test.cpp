#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/docker/container_body.hpp"
#include "engine/docker/container_end.hpp"
#include "engine/docker/private_network.hpp"

namespace flotilla {
namespace {

namespace json = boost::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::StartsWith;

Task task_of(const std::string& command) {
    Task task;
    task.name = {{"0a1b2c3d-0000-4000-8000-100000000000"}, 2};
    task.command = command;
    task.memory = 64;
    return task;
}

json::object body_of(const Task& task, const std::vector<SecretVariable>& secrets = {},
                     const ContainerSettings& settings = {.cluster = "default"}) {
    return json::parse(container_body({task, settings.cluster, ""}, "sha256:abc", secrets, settings,
                                      DaemonKind::docker, "f10711"))
        .as_object();
}

TEST(ContainerBody, NamesTheImageTheRunAndTheCluster) {
    const auto body = body_of(task_of("true"));
    EXPECT_EQ(container_name(task_of("true").name), "flotilla-0a1b2c3d-0000-4000-8000-100000000000.2");
    EXPECT_EQ(body.at("Image"), "sha256:abc");
    EXPECT_EQ(body.at("Hostname"), "0a1b2c3d-000");
    const json::object& labels = body.at("Labels").as_object();
    EXPECT_EQ(labels.at("flotilla.run_id"), "0a1b2c3d-0000-4000-8000-100000000000");
    EXPECT_EQ(labels.at("flotilla.attempt"), "2");
    EXPECT_EQ(labels.at("flotilla.cluster"), "default");
}

TEST(ContainerBody, BoundsWhatTheRunMayUse) {
    Task task = task_of("true");
    task.cpu = 250;
    const json::object host =
        body_of(
            task, {},
            {.cluster = "default", .network = ContainerNetwork::none, .mounts = {{"/srv", "/data", true}}})
            .at("HostConfig")
            .as_object();
    EXPECT_EQ(host.at("Memory"), 64 << 20);
    EXPECT_EQ(host.at("MemorySwap"), 64 << 20);
    EXPECT_EQ(host.at("NanoCpus"), 250'000'000);
    EXPECT_EQ(host.at("PidsLimit"), 4096);
    EXPECT_EQ(host.at("NetworkMode"), "none");
    EXPECT_EQ(host.at("Init"), true);
    EXPECT_EQ(host.at("CapDrop"), (json::array{"MKNOD"}));
    EXPECT_EQ(host.at("SecurityOpt"), (json::array{"no-new-privileges"}));
    EXPECT_FALSE(host.contains("Privileged"));
    EXPECT_FALSE(host.contains("CapAdd"));
    const json::object mount = host.at("Mounts").at(0).as_object();
    EXPECT_EQ(mount.at("Source"), "/srv");
    EXPECT_EQ(mount.at("Target"), "/data");
    EXPECT_EQ(mount.at("ReadOnly"), true);
}

TEST(ContainerBody, OfAPrivateNetworkHasItsPortsOnTheHost) {
    Task task = task_of("true");
    task.ports = {80};
    const auto host_of = [&](ContainerNetwork network) {
        return body_of(task, {}, {.cluster = "default", .network = network}).at("HostConfig").as_object();
    };
    EXPECT_EQ(host_of(ContainerNetwork::own).at("NetworkMode"), "f10711");
    EXPECT_EQ(json::serialize(host_of(ContainerNetwork::own).at("PortBindings")),
              R"({"80/tcp":[{"HostPort":"80"}]})");
    EXPECT_EQ(host_of(ContainerNetwork::host).at("NetworkMode"), "host");
    EXPECT_EQ(json::serialize(host_of(ContainerNetwork::host).at("PortBindings")), "{}");
    EXPECT_EQ(json::parse(private_network_body()).at("Options").at("com.docker.network.bridge.enable_icc"),
              "false");
}

TEST(ContainerBody, AsksForTheGpusThatWereGranted) {
    Task task = task_of("true");
    task.gpu = 2;
    const auto body = json::parse(
        container_body({task, "default", "", {0, 2}}, "sha256:abc", {}, {}, DaemonKind::docker, ""));
    EXPECT_EQ(json::serialize(body.at("HostConfig").at("DeviceRequests")),
              R"([{"Driver":"","DeviceIDs":["0","2"],"Capabilities":[["gpu"]]}])");
    EXPECT_EQ(json::serialize(body_of(task_of("true")).at("HostConfig").at("DeviceRequests")), "[]");
}

TEST(ContainerBody, NamesALogDriverThatPodmanHas) {
    const auto body = json::parse(
        container_body({task_of("true"), "default", ""}, "sha256:abc", {}, {}, DaemonKind::podman, ""));
    EXPECT_EQ(json::serialize(body.at("HostConfig").at("LogConfig")), R"({"Type":"k8s-file"})");
}

TEST(ContainerBody, RunsTheScriptByTheShellThatTheImageHas) {
    const auto body = body_of(task_of("echo hi"));
    EXPECT_EQ(body.at("Entrypoint").at(0), "/bin/sh");
    EXPECT_THAT(std::string(body.at("Entrypoint").at(2).as_string()), HasSubstr("exec /bin/bash -l -c"));
    EXPECT_EQ(body.at("Cmd"), (json::array{"PATH=\"$1$PATH\"; shift; set -x\nset -e\n\necho hi"}));
}

TEST(ContainerBody, GivesSecretsAndDoesNotTraceThem) {
    Task task = task_of("true");
    task.env = {{"A", "1"}, {"KEY", "given"}};
    task.secrets = {"KEY"};
    const auto body = body_of(task, {{"KEY", "hidden", false}, {"TOKEN", "t0ken", true}});
    EXPECT_EQ(body.at("Env"), (json::array{"A=1", "KEY=hidden", "TOKEN=t0ken", "TINI_KILL_PROCESS_GROUP=1"}));
    EXPECT_THAT(std::string(body.at("Cmd").at(0).as_string()), HasSubstr("set +x\n"));
    EXPECT_EQ(body.at("Labels").at(masked_label), "TOKEN");
}

TEST(ContainerMistake, IsACommandOrAVariableThatIsTooLong) {
    EXPECT_EQ(container_mistake(task_of("true"), {}), std::nullopt);
    EXPECT_THAT(container_mistake(task_of(std::string(131072, 'x')), {}),
                Optional(StartsWith("the command is longer than the 128 KiB")));
    Task task = task_of("true");
    task.env = {{"LONG", std::string(131072, 'x')}};
    EXPECT_EQ(container_mistake(task, {}), "the environment variable LONG is longer than 128 KiB");
}

ContainerRemains ended_with(int code) {
    return {.state = {.phase = ContainerState::Phase::ended,
                      .started_at = TimePoint(std::chrono::microseconds(10)),
                      .finished_at = TimePoint(std::chrono::microseconds(20)),
                      .exit_code = code},
            .memory = 64,
            .last_log_line = {},
            .found_at = TimePoint(std::chrono::microseconds(30))};
}

TEST(ContainerEnd, IsItsCode) {
    EXPECT_EQ(how_it_ended(ended_with(0)).exit_class, ExitClass::completed);
    EXPECT_EQ(how_it_ended(ended_with(7)).exit_class, ExitClass::job_failed);
    EXPECT_EQ(how_it_ended(ended_with(7)).exit_code, 7);
    EXPECT_EQ(how_it_ended(ended_with(7)).at.time_since_epoch().count(), 20);
}

TEST(ContainerEnd, IsNotBeforeItsStart) {
    ContainerRemains remains = ended_with(0);
    remains.state.finished_at = TimePoint(std::chrono::microseconds(9));  // as Docker says of short jobs
    EXPECT_EQ(how_it_ended(remains).at.time_since_epoch().count(), 10);
    remains.state.finished_at.reset();
    EXPECT_EQ(how_it_ended(remains).at.time_since_epoch().count(), 30);
}

TEST(ContainerEnd, ByTheMemoryLimitIsOutOfMemoryUnlessTheJobGotOverIt) {
    ContainerRemains remains = ended_with(137);
    remains.state.is_out_of_memory = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::out_of_memory);
    remains.state.exit_code = 0;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::completed);
    EXPECT_EQ(how_it_ended(remains).reason,
              "the job completed, but out of memory: a process of it was killed at its limit of 64 MiB");
}

TEST(ContainerEnd, AfterAStopIsTheUsers) {
    ContainerRemains remains = ended_with(143);
    remains.is_stopped = true;
    remains.daemon_was_away = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::stopped_by_user);
}

TEST(ContainerEnd, WithItsDaemonIsALostHost) {
    ContainerRemains remains = ended_with(143);
    remains.daemon_was_away = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::host_lost);
    EXPECT_EQ(how_it_ended(remains).exit_code, std::nullopt);
    remains.state.exit_code = 3;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::job_failed);
}

TEST(ContainerEnd, OfWhatFoundNothingAsItsDaemonWentAwayIsALostHost) {
    ContainerRemains remains = ended_with(127);
    remains.daemon_was_away = true;
    remains.last_log_line = "[FATAL tini (7)] exec /bin/sh failed: No such file or directory";
    remains.is_only_log_line = true;
    remains.state.started_at = TimePoint{} + std::chrono::seconds{10};
    remains.state.finished_at = *remains.state.started_at + std::chrono::milliseconds{7};
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::host_lost);
    remains.state.finished_at = *remains.state.started_at + std::chrono::seconds{1};
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::rejected) << "its root was there for a while";
    remains.state.finished_at = remains.state.started_at;
    remains.daemon_was_away = false;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::rejected);
}

TEST(ContainerEnd, OfAnInitThatFoundNoShellIsRejected) {
    ContainerRemains remains = ended_with(127);
    remains.may_quote_log = false;
    remains.last_log_line = "[FATAL tini (7)] exec /bin/sh failed: No such file or directory";
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::job_failed) << "a job may write such a line";
    remains.is_only_log_line = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::rejected);
    EXPECT_THAT(how_it_ended(remains).reason, HasSubstr("exec /bin/sh failed"));
    remains.last_log_line = "no-such-command: command not found";
    EXPECT_EQ(how_it_ended(remains).reason, "the command was not found (exit code 127)");
    remains.may_quote_log = true;
    EXPECT_THAT(how_it_ended(remains).reason, EndsWith(": no-such-command: command not found"));
}

}  // namespace
}  // namespace flotilla
