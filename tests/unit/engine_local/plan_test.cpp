#include <functional>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "engine/local/cgroups.hpp"
#include "engine/local/launch_plan.hpp"
#include "engine/local/pull_queue.hpp"
#include "engine/local/run_folders.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

Task task_of(const std::string& run = "0a1b2c3d-0000-4000-8000-000000000000") {
    Task task;
    task.name = {{run}, 2};
    task.image = "debian:12";
    task.command = "echo hi";
    task.env = {{"A", "task"}, {"B", "2"}};
    task.memory = 64;
    task.ports = {80, 443};
    return task;
}

StoredImage image_of() {
    StoredImage image;
    image.config.env = {{"A", "image"}, {"PATH", "/opt/bin:/bin"}};
    image.config.working_dir = "work";
    image.config.user = "app";
    image.layers = {"/images/lower", "/images/upper"};
    return image;
}

const LaunchSettings settings{"/data/runs/r.2", {}, 100, {}, {}, {}};

TEST(PlanLaunch, TheTasksVariablesWinOverTheImages) {
    const auto spec = plan_launch(task_of(), image_of(), {}, settings);
    EXPECT_THAT(spec.env, ElementsAre("A=task", "PATH=/opt/bin:/bin", "B=2", "HOSTNAME=0a1b2c3d-000"));
    EXPECT_EQ(spec.kept_path, "/opt/bin:/bin");
}

TEST(PlanLaunch, ASecretWinsOverEverythingAndTurnsTracingOff) {
    auto task = task_of();
    EXPECT_TRUE(plan_launch(task, image_of(), {}, settings).traced);
    task.secrets = {"A"};
    LaunchSettings with_secret = settings;
    with_secret.secrets = {{.name = "A", .value = "hidden"}};
    const auto spec = plan_launch(task, image_of(), {}, with_secret);
    EXPECT_THAT(spec.env, Contains("A=hidden"));
    EXPECT_THAT(spec.env, Not(Contains("A=task")));
    EXPECT_FALSE(spec.traced);
    EXPECT_TRUE(spec.masked.empty());
}

TEST(PlanLaunch, AMaskedVariableLeavesTracingOn) {
    LaunchSettings with_token = settings;
    with_token.secrets = {{.name = "TOKEN", .value = "abc", .masked = true}};
    const auto spec = plan_launch(task_of(), image_of(), {}, with_token);
    EXPECT_THAT(spec.env, Contains("TOKEN=abc"));
    EXPECT_TRUE(spec.traced);
    EXPECT_THAT(spec.masked, ElementsAre("abc"));
}

TEST(PlanLaunch, ASecretPathIsNotPutIntoTheCommand) {
    auto task = task_of();
    task.secrets = {"PATH"};
    LaunchSettings with_secret = settings;
    with_secret.secrets = {{.name = "PATH", .value = "/hidden"}};
    EXPECT_EQ(plan_launch(task, image_of(), {}, with_secret).kept_path, "/opt/bin:/bin");
}

TEST(PlanLaunch, APathThatNobodyGaveIsTheUsualOneAndNotKept) {
    const auto spec = plan_launch(task_of(), StoredImage{}, {}, settings);
    EXPECT_THAT(spec.env, Contains("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    EXPECT_EQ(spec.kept_path, "");
}

TEST(PlanLaunch, TheTopmostLayerComesFirst) {
    EXPECT_THAT(plan_launch(task_of(), image_of(), {}, settings).layers,
                ElementsAre("/images/upper", "/images/lower"));
}

TEST(PlanLaunch, TheTasksUserWinsOverTheImages) {
    auto task = task_of();
    EXPECT_EQ(plan_launch(task, image_of(), {}, settings).user, "app");
    task.user = "0";
    EXPECT_EQ(plan_launch(task, image_of(), {}, settings).user, "0");
}

TEST(PlanLaunch, AWorkingFolderIsMadeAbsolute) {
    EXPECT_EQ(plan_launch(task_of(), image_of(), {}, settings).working_dir, "/work");
}

TEST(ContainerHosts, KnowTheHostsNamesOnlyOnItsNetwork) {
    const HostNetworkFiles host{.hosts = "10.0.0.1 registry", .resolv_conf = {}, .resolved_resolv_conf = {}};
    EXPECT_EQ(container_hosts(host, {}, "me"), "10.0.0.1 registry\n127.0.1.1 me\n");
    EXPECT_THAT(container_hosts(host, {RunNetwork::none}, "me"), StartsWith("127.0.0.1 localhost\n"));
    EXPECT_THAT(container_hosts(host, {RunNetwork::none}, "me"), Not(::testing::HasSubstr("registry")));
}

TEST(ContainerResolvConf, HasTheServersBehindAStubResolver) {
    HostNetworkFiles host{.hosts = {}, .resolv_conf = "nameserver 127.0.0.53\n", .resolved_resolv_conf = ""};
    EXPECT_EQ(container_resolv_conf(host, {}), "nameserver 127.0.0.53\n");
    host.resolved_resolv_conf = "nameserver 10.1.1.1\n";
    EXPECT_EQ(container_resolv_conf(host, {}), "nameserver 10.1.1.1\n");
    EXPECT_EQ(container_resolv_conf(host, {RunNetwork::none}), "");
    host.resolv_conf = "nameserver 9.9.9.9\n";
    EXPECT_EQ(container_resolv_conf(host, {}), "nameserver 9.9.9.9\n");
}

TEST(ContainerResolvConf, InAPrivateNetworkHasOnlyServersThatAreReachedFromThere) {
    const JobNetwork network{RunNetwork::private_network, "10.87.0.9", "10.87.0.1"};
    HostNetworkFiles host{.hosts = {},
                          .resolv_conf =
                              "search example.org\nnameserver 127.0.0.1\nnameserver 10.1.1.1\n"
                              "nameserver fd00::1\noptions ndots:2\n",
                          .resolved_resolv_conf = {}};
    EXPECT_EQ(container_resolv_conf(host, network),
              "search example.org\noptions ndots:2\nnameserver 10.1.1.1\n");
    EXPECT_EQ(name_servers(host), (std::vector<std::string>{"127.0.0.1", "10.1.1.1"}));
    host.resolv_conf = "nameserver 127.0.0.1\n";
    EXPECT_EQ(container_resolv_conf(host, network), "nameserver 10.87.0.1\n");
    EXPECT_THAT(container_hosts(host, network, "me"), ::testing::EndsWith("\n10.87.0.9 me\n"));
}

TEST(CgroupLayout, IsReadFromEveryKindOfHost) {
    EXPECT_EQ(parse_cgroup_layout("0::/user.slice\n"), CgroupLayout{});
    EXPECT_EQ(parse_cgroup_layout("9:name=systemd:/\n8:pids:/\n4:memory:/a:b\n0::/\n"),
              (CgroupLayout{"memory", "pids", ""}));
    EXPECT_EQ(parse_cgroup_layout("3:memory,hugetlb:/\n"), (CgroupLayout{"memory,hugetlb", "", ""}));
    EXPECT_EQ(parse_cgroup_layout("5:cpuset:/\n3:cpu,cpuacct:/\n2:cpuacct:/\n"),
              (CgroupLayout{"", "", "cpu,cpuacct"}));
    EXPECT_EQ(parse_cgroup_layout("nonsense"), CgroupLayout{});
}

TEST(CpuQuota, IsATenthOfASecondsShare) {
    EXPECT_EQ(cpu_quota(250), (CpuQuota{25'000, 100'000}));
    EXPECT_EQ(cpu_quota(4000), (CpuQuota{400'000, 100'000}));
    EXPECT_EQ(cpu_quota(10), (CpuQuota{1'000, 100'000}));
}

TEST(CpuQuota, OfVeryLittleIsTakenFromALongerPeriod) {
    EXPECT_EQ(cpu_quota(9), (CpuQuota{9'000, 1'000'000}));
    EXPECT_EQ(cpu_quota(1), (CpuQuota{1'000, 1'000'000}));
}

TEST(SubmittedTask, ComesBackAsItWasWritten) {
    auto task = task_of();
    task.cpu = 500;
    task.user = "app";
    task.image_digest = "sha256:1234";
    task.secrets = {"A_KEY", "B_KEY"};
    task.env.push_back({"NEWLINE", "a\n\"b\""});
    const auto parsed = parse_submitted_task(to_json({task, "default", "boot-1"}));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->cluster, "default");
    EXPECT_EQ(parsed->boot_id, "boot-1");
    EXPECT_EQ(parsed->task.name, task.name);
    EXPECT_EQ(parsed->task.image, task.image);
    EXPECT_EQ(parsed->task.command, task.command);
    EXPECT_EQ(parsed->task.env, task.env);
    EXPECT_EQ(parsed->task.memory, task.memory);
    EXPECT_EQ(parsed->task.cpu, task.cpu);
    EXPECT_EQ(parsed->task.ports, task.ports);
    EXPECT_EQ(parsed->task.user, task.user);
    EXPECT_EQ(parsed->task.image_digest, task.image_digest);
    EXPECT_EQ(parsed->task.secrets, task.secrets);
}

TEST(SubmittedTask, OfAnEarlierVersionIsRead) {
    const auto parsed = parse_submitted_task(
        R"({"run_id": "r", "attempt": 1, "cluster": "c", "boot_id": "b", "image": "i", "command": "true",
            "env": [], "memory": 1, "ports": [], "user": ""})");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->task.image_digest, "");
    EXPECT_TRUE(parsed->task.secrets.empty());
}

TEST(SubmittedTask, IsNoneIfItWasCutShort) {
    const std::string json = to_json({task_of(), "default", "boot-1"});
    EXPECT_FALSE(parse_submitted_task(json.substr(0, json.size() / 2)));
    EXPECT_FALSE(parse_submitted_task("{}"));
}

TEST(RunFolder, ARunsLockIsHeldByOneAtATime) {
    const test::TemporaryFolder data;
    const RunFolder folder(data.path(), task_of().name);
    folder.create({task_of(), "default", "boot-1"});
    {
        const UniqueFd lock = folder.try_lock();
        EXPECT_TRUE(lock);
        EXPECT_FALSE(folder.try_lock());
    }
    EXPECT_TRUE(folder.try_lock());
}

TEST(RunFolder, RecordsOfAnotherAttemptAreNoneOfThisOne) {
    const test::TemporaryFolder data;
    const RunFolder folder(data.path(), task_of().name);
    folder.create({task_of(), "default", "boot-1"});
    launcher::ExitRecord record;
    record.code = 7;
    record.attempt = task_of().name.text();
    folder.write_exit(record);
    EXPECT_EQ(folder.exit(), record);
    record.attempt = "another.1";
    folder.write_exit(record);
    EXPECT_EQ(folder.exit(), std::nullopt);
    record.attempt.clear();  // as programs before this one wrote it
    folder.write_exit(record);
    EXPECT_EQ(folder.exit(), record);
    Task other = task_of();
    other.name.number += 1;
    overwrite_file(folder.path() / "task.json", to_json({other, "default", "boot-1"}));
    EXPECT_EQ(folder.task(), std::nullopt);
}

TEST(RunFolders, ARetiredFolderIsNotListed) {
    const test::TemporaryFolder data;
    RunFolders folders(data.path());
    folders.create({task_of(), "default", "boot-1"});
    EXPECT_THAT(list_run_folders(data.path()), ElementsAre(task_of().name));
    folders.retire(task_of().name);
    EXPECT_TRUE(list_run_folders(data.path()).empty());
}

TEST(RunFolders, AFolderThatIsUsedAgainTellsNothingOfItsEarlierUse) {
    const test::TemporaryFolder data;
    const RunFolder folder(data.path(), task_of().name);
    folder.create({task_of(), "default", "boot-1"});
    EXPECT_TRUE(folder.try_lock());
    folder.write_exit(launcher::ExitRecord());
    folder.mark_killed();
    folder.mark_over_disk("too much");
    write_file(folder.path() / "started", "secret");
    std::filesystem::create_directories(folder.path() / "upper" / "root");
    write_file(folder.path() / "upper" / "root" / "file", "secret");
    std::filesystem::create_directories(folder.path() / "work" / "work" / "incompat");
    std::filesystem::create_directories(folder.path() / "root");
    ASSERT_TRUE(make_spare(folder.path(), std::stop_token{}));
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        left.push_back(entry.path().filename().string());
        const auto content = entry.is_regular_file() ? read_file(entry.path()).value() : "";
        EXPECT_EQ(content.find_first_not_of('\0'), std::string::npos) << entry.path();
    }
    EXPECT_THAT(left, UnorderedElementsAre("task.json", "lock", "exit.tmp", "started.tmp", "work", "root"));
}

/// The folder of an attempt with an upper layer, and whether that stays when something was done to it.
class UpperFolder : public ::testing::Test {
protected:
    UpperFolder() { folder_.create({task_of(), "default", "boot-1"}); }

    bool stays(const std::function<void()>& change) {
        EXPECT_TRUE(folder_.try_lock());
        for (const auto& path : {upper_, folder_.path() / "work", folder_.path() / "root"}) {
            std::filesystem::create_directories(path);
        }
        change();
        EXPECT_TRUE(make_spare(folder_.path(), std::stop_token{}));
        return std::filesystem::exists(upper_);
    }

    const test::TemporaryFolder data_;
    const RunFolder folder_{data_.path(), task_of().name};
    const std::filesystem::path upper_ = folder_.path() / "upper";
};

TEST_F(UpperFolder, StaysWithWhatALaunchSetsAnew) {
    EXPECT_TRUE(stays([&] { std::filesystem::permissions(upper_, std::filesystem::perms::all); }));
    EXPECT_TRUE(stays([&] { ::setxattr(upper_.c_str(), "trusted.overlay.uuid", "12345678", 8, 0); }));
}

TEST_F(UpperFolder, GoesIfAnythingElseWasDoneToIt) {
    EXPECT_FALSE(stays([&] { ::setxattr(upper_.c_str(), "trusted.overlay.impure", "y", 1, 0); }));
    EXPECT_FALSE(stays([&] { ::setxattr(upper_.c_str(), "trusted.note", "secret", 6, 0); }));
    EXPECT_FALSE(stays([&] { write_file(upper_ / "file", "secret"); }));
    EXPECT_FALSE(stays([&] {
        std::filesystem::remove(upper_);
        write_file(upper_, "secret");
    }));
    EXPECT_FALSE(stays([&] {
        std::filesystem::remove(upper_);
        std::filesystem::create_symlink("/etc", upper_);
    }));
}

TEST_F(UpperFolder, GoesIfExt4KeptWhatWasDoneToIt) {
    struct statfs system = {};
    ASSERT_EQ(::statfs(data_.path().c_str(), &system), 0);
    if (system.f_type != EXT4_SUPER_MAGIC) {
        GTEST_SKIP() << "not ext4";
    }
    EXPECT_FALSE(stays([&] {
        const UniqueFd file(::open(upper_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        int flags = FS_NOATIME_FL;
        ASSERT_EQ(::ioctl(file.get(), FS_IOC_SETFLAGS, &flags), 0);
    }));
    EXPECT_FALSE(stays([&] {
        const std::string name(200, 'x');
        for (int number = 0; number < 100; ++number) {
            write_file(upper_ / (name + std::to_string(number)), "");
        }
        remove_content(upper_, {});
    }));
}

TEST(RunFolders, AFolderThatIsStillLockedIsNotUsedAgain) {
    const test::TemporaryFolder data;
    const RunFolder folder(data.path(), task_of().name);
    folder.create({task_of(), "default", "boot-1"});
    const UniqueFd lock = folder.try_lock();
    EXPECT_FALSE(make_spare(folder.path(), std::stop_token{}));
}

TEST(PullQueue, AnImageIsPulledOnceForAllWhoWait) {
    PullQueue queue;
    const WantedImage debian{"debian:12", "sha256:1"};
    const WantedImage other_debian{"debian:12", "sha256:2"};
    queue.add(debian, task_of("a").name);
    queue.add(other_debian, task_of("b").name);
    queue.add(debian, task_of("c").name);
    EXPECT_EQ(queue.take({}), debian);
    EXPECT_EQ(queue.take({}), other_debian);
    EXPECT_THAT(queue.finish(debian), ElementsAre(task_of("a").name, task_of("c").name));
    EXPECT_TRUE(queue.finish(debian).empty());
}

TEST(PullQueue, AStopEndsTheWait) {
    PullQueue queue;
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(queue.take(stop.get_token()), std::nullopt);
    EXPECT_FALSE(queue.pause(stop.get_token(), std::chrono::hours{1}));
}

}  // namespace
}  // namespace flotilla
