#include <cstdlib>

#include <gmock/gmock.h>

#include "local_engine_test.hpp"
#include "unit/image/layout_maker.hpp"

namespace flotilla::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class ContainerTest : public LocalEngineTest {
protected:
    /// What the job printed, without the traced commands.
    std::string printed(const std::string& command, const std::string& image = "base") {
        const std::string log = output_of("set +x; " + command, image);
        const std::string trace = "+ set -e\n+ set +x\n";
        EXPECT_EQ(log.substr(0, trace.size()), trace);
        return log.substr(trace.size());
    }
    /// Makes an image of the base and a folder on top, whose config says COLOUR=red, /work and user 1000.
    void import_layered(const std::string& name, const std::filesystem::path& top) {
        const TemporaryFolder folder;
        for (const auto& [root, archive] : {std::pair(base_image(), "base.tar"), std::pair(top, "top.tar")}) {
            const auto path = folder.path() / archive;
            ASSERT_EQ(run_subprocess({"tar", "-C", root.string(), "-cf", path.string(), "."},
                                     std::chrono::minutes{1})
                          .exit_code,
                      0);
        }
        make_oci_layout(folder.path() / "layout", {folder.path() / "base.tar", folder.path() / "top.tar"});
        images_->import(parse_image_reference(name).value(), folder.path() / "layout");
    }
    /// Makes an image of `root`.
    void import_root(const std::string& name, const std::filesystem::path& root) {
        images_->import(parse_image_reference(name).value(), root);
    }
};

TEST_F(ContainerTest, RunsTheImageOfItsDigestWhateverTheNameMeansMeanwhile) {
    const TemporaryFolder top;
    std::filesystem::permissions(top.path(), std::filesystem::perms(0755));
    write_file(top.path() / "version", "old\n");
    import_layered("moving", top.path());
    Task task = task_of("set +x; cat /version", "moving");
    task.image_digest = images_->find(parse_image_reference("moving").value())->digest;
    images_->pin(task.image_digest);
    write_file(top.path() / "version", "new\n");
    import_layered("moving", top.path());
    EXPECT_EQ(run(task).exit_code, 0);
    EXPECT_THAT(log_of(task.name), EndsWith("\nold\n"));
    EXPECT_THAT(output_of("set +x; cat /version", "moving"), EndsWith("\nnew\n"));
    images_->unpin({task.image_digest});
}

TEST_F(ContainerTest, OfAnImageThatIsNoMoreEndsWithASentence) {
    Task task = task_of("true", "127.0.0.1:1/team/moved:1");
    const TemporaryFolder top;
    import_layered(task.image, top.path());
    task.image_digest = "sha256:" + std::string(64, 'a');
    const Ended ended = run(task);
    EXPECT_EQ(ended.exit_class, ExitClass::image_not_found);
    EXPECT_EQ(ended.reason,
              "image 127.0.0.1:1/team/moved:1 means another image now than when the run was made "
              "(sha256:aaaaaaaaaaaa), and that one can no longer be had: run it again");
}

TEST_F(ContainerTest, SeesItsOwnProcessesAlone) {
    EXPECT_EQ(printed("ps -e -o pid= | wc -l; echo $$"), "4\n2\n");
}

TEST_F(ContainerTest, HasItsHostNameAndFiles) {
    EXPECT_EQ(printed("hostname; cat /etc/hostname; tail -n 1 /etc/hosts; echo $HOSTNAME"),
              "0a1b2c3d-000\n0a1b2c3d-000\n127.0.1.1 0a1b2c3d-000\n0a1b2c3d-000\n");
}

TEST_F(ContainerTest, SeesNothingOfTheHostsFiles) {
    const TemporaryFolder secret;
    EXPECT_EQ(printed("ls " + secret.path().string() + " 2>/dev/null || echo none"), "none\n");
    EXPECT_THAT(printed("cat /proc/self/mountinfo"), Not(HasSubstr(data_.path().string())));
}

TEST_F(ContainerTest, HasOnlyTheCapabilitiesOfDockersDefaultLessMknod) {
    EXPECT_EQ(printed("grep -E '^(CapPrm|CapEff|CapBnd|CapAmb|CapInh|NoNewPrivs)' /proc/self/status"),
              "CapInh:\t0000000000000000\nCapPrm:\t00000000a00425fb\nCapEff:\t00000000a00425fb\n"
              "CapBnd:\t00000000a00425fb\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n");
}

TEST_F(ContainerTest, CannotWriteToTheKernel) {
    EXPECT_EQ(printed("(echo x > /proc/sys/kernel/hostname) 2>/dev/null || echo proc; "
                      "(mkdir /sys/x) 2>/dev/null || echo sys; (echo b > /proc/sysrq-trigger) 2>/dev/null || "
                      "echo sysrq; "
                      "ls /sys/firmware | wc -l; wc -c < /proc/keys; ulimit -c"),
              "proc\nsys\nsysrq\n0\n0\n0\n");
}

TEST_F(ContainerTest, CannotLookIntoItsInit) {
    EXPECT_EQ(printed("cat /proc/1/fd/0 2>/dev/null || echo closed; readlink /proc/1/root || echo closed; "
                      "cat /proc/1/environ 2>/dev/null || echo closed"),
              "closed\nclosed\nclosed\n");
}

TEST_F(ContainerTest, HasTheUsualDevices) {
    EXPECT_EQ(
        printed(
            "echo out > /dev/stdout; echo err > /dev/stderr; cat <(echo sub); head -c 3 /dev/zero | wc -c; "
            "echo gone > /dev/null; cat /dev/stdin; echo x > /dev/shm/x && cat /dev/shm/x; ls /dev/mqueue"),
        "out\nerr\nsub\n3\nx\n");
}

TEST_F(ContainerTest, InheritsNoDescriptors) {
    EXPECT_EQ(printed("ls /proc/self/fd | tr '\\n' ' '"), "0 1 2 3 ");
}

TEST_F(ContainerTest, HasNothingOfTheServersEnvironment) {
    ::setenv("SERVER_SECRET", "x", 1);
    launcher_.reset();
    launcher_.emplace();
    EXPECT_THAT(printed("env; tr '\\0' '\\n' < /proc/self/environ"), Not(HasSubstr("SERVER_SECRET")));
    ::unsetenv("SERVER_SECRET");
}

TEST_F(ContainerTest, WithoutNetworkHasALoopbackInterfaceAlone) {
    network = RunNetwork::none;
    restart_engine();
    EXPECT_EQ(printed("ls /sys/class/net; wc -c < /etc/resolv.conf; grep -c : /proc/net/dev"), "lo\n0\n1\n");
}

TEST_F(ContainerTest, AUserThatTheTaskNamesOwnsTheStreams) {
    Task task = task_of("set +x; id -un; echo out > /dev/stdout; grep CapEff /proc/self/status; echo $HOME");
    task.user = "nobody";
    EXPECT_EQ(run(task).exit_code, 0) << log_of(task.name);
    EXPECT_THAT(log_of(task.name), EndsWith("nobody\nout\nCapEff:\t0000000000000000\n/\n"));
}

TEST_F(ContainerTest, LayersLieOnEachOtherAndTheImagesConfigCounts) {
    const TemporaryFolder top;
    // A folder made by mkdtemp is closed to others, and gives its mode to the container's root.
    std::filesystem::permissions(top.path(), std::filesystem::perms(0755));
    std::filesystem::create_directories(top.path() / "opt" / "app");
    write_file(top.path() / "opt" / "app" / "data", "upper");
    import_layered("layered", top.path());
    EXPECT_EQ(printed("echo $COLOUR; pwd; id -u; id -g; cat /opt/app/data", "layered"),
              "red\n/work\n1000\n0\nupper");
}

TEST_F(ContainerTest, APathOfTheTaskComesBeforeTheLoginProfiles) {
    Task task = task_of("set +x; echo $PATH");
    task.env = {{"PATH", "/opt/it's"}};
    EXPECT_EQ(run(task).exit_code, 0);
    EXPECT_THAT(log_of(task.name),
                EndsWith("\n/opt/it's:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"));
    EXPECT_THAT(log_of(task.name), ::testing::StartsWith("+ set -e\n"));
}

TEST_F(ContainerTest, AnImageWithoutBashIsRunByItsSh) {
    const TemporaryFolder folder;
    const auto root = folder.path() / "root";
    std::filesystem::copy(
        base_image(), root,
        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
    std::filesystem::remove(root / "usr/bin/sh");
    std::filesystem::rename(root / "usr/bin/bash", root / "usr/bin/sh");
    import_root("no-bash", root);
    EXPECT_EQ(output_of("echo $0", "no-bash"), "+ set -e\n+ echo /bin/sh\n/bin/sh\n");

    std::filesystem::remove(root / "usr/bin/sh");
    import_root("no-shell", root);
    const Ended ended = run(task_of("true", "no-shell"));
    EXPECT_EQ(ended.exit_class, ExitClass::rejected);
    EXPECT_EQ(ended.reason, "image no-shell has neither bash nor sh");
}

TEST_F(ContainerTest, WhatAnImageHasInPlaceOfHostFilesIsReplacedAndNotFollowed) {
    const TemporaryFolder top;
    const TemporaryFolder host;
    write_file(host.path() / "target", "untouched");
    std::filesystem::create_directories(top.path() / "etc");
    std::filesystem::create_symlink(host.path() / "target", top.path() / "etc" / "resolv.conf");
    std::filesystem::permissions(top.path() / "etc", std::filesystem::perms::owner_all);
    import_layered("linked", top.path());
    Task task = task_of("set +x; stat -c %a /etc; stat -c %F /etc/resolv.conf", "linked");
    task.user = "0";
    EXPECT_EQ(run(task).exit_code, 0);
    EXPECT_THAT(log_of(task.name), ::testing::ContainsRegex("\n700\nregular (empty )?file\n$"));
    EXPECT_EQ(read_file(host.path() / "target"), "untouched");
}

}  // namespace
}  // namespace flotilla::test
