#include "engine/local/gpus.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "local_engine_test.hpp"

namespace flotilla::test {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;

/// As nvidia-container-cli 1.13 printed it on a host with two GPUs, shortened.
constexpr const char* recorded_list = R"(/dev/nvidiactl
/dev/nvidia-uvm
/dev/nvidia-uvm-tools
/dev/nvidia-modeset
/dev/nvidia0
/dev/nvidia1
/usr/bin/nvidia-smi
/usr/bin/nvidia-debugdump
/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.104.05
/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05
/run/nvidia-persistenced/socket
)";

TEST(HostGpus, HaveTheFilesThatTheContainerToolkitLists) {
    HostGpus gpus;
    gpus.devices = {"/dev/nvidia0", "/dev/nvidia1"};
    gpus.common = {"/dev/nvidiactl"};
    add_listed_files(recorded_list, gpus);
    std::vector<std::string> seen;
    for (const auto& mount : gpu_mounts(gpus, {1})) {
        seen.push_back(mount.host + " " + mount.path + (mount.is_device ? " device" : "") +
                       (mount.read_only ? "" : " rw"));
    }
    EXPECT_EQ(
        seen,
        (std::vector<std::string>{
            "/dev/nvidia1 /dev/nvidia1 device rw",
            "/dev/nvidiactl /dev/nvidiactl device rw",
            "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.104.05 "
            "/usr/local/nvidia/lib64/libnvidia-ml.so.535.104.05",
            "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.104.05 /usr/local/nvidia/lib64/libnvidia-ml.so.1",
            "/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05 /usr/local/nvidia/lib64/libcuda.so.535.104.05",
            "/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05 /usr/local/nvidia/lib64/libcuda.so.1",
            "/usr/bin/nvidia-smi /usr/bin/nvidia-smi",
            "/usr/bin/nvidia-debugdump /usr/bin/nvidia-debugdump",
        }));
    EXPECT_THAT(gpu_mounts(gpus, {}), IsEmpty());
}

TEST(HostGpus, PutTheirLibrariesBeforeThoseOfTheImage) {
    const Env env = gpu_env({0, 2}, {{"LD_LIBRARY_PATH", "/opt/lib"}});
    EXPECT_EQ(*find_env(env, "NVIDIA_VISIBLE_DEVICES"), "0,2");
    EXPECT_EQ(*find_env(env, "LD_LIBRARY_PATH"), "/usr/local/nvidia/lib64:/opt/lib");
    EXPECT_THAT(gpu_env({}, env), IsEmpty());
}

/// Stand-in devices: each reads as zeros.
class GpuRunTest : public LocalEngineTest {
protected:
    GpuRunTest() {
        for (const char* const name : {"nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm"}) {
            ::mknod((dev_.path() / name).c_str(), S_IFCHR | 0666, makedev(1, 5));
        }
        gpus = find_gpus(dev_.path());
    }
    Task gpu_task(const std::string& command, int count) {
        Task task = task_of(command);
        task.gpu = count;
        return task;
    }
    TemporaryFolder dev_;
};

TEST_F(GpuRunTest, AGpuBelongsToOneRunUntilItEnds) {
    const std::string tell =
        "set +x; echo $NVIDIA_VISIBLE_DEVICES; ls /dev | grep -c nvidia; "
        "head -c 2 /dev/nvidiactl | wc -c; exec sleep 1000";
    const Task first = gpu_task(tell, 2);
    const Task second = gpu_task("set +x; echo $NVIDIA_VISIBLE_DEVICES; head -c 2 /dev/nvidia10 | wc -c", 1);
    submit(first);
    EXPECT_TRUE(await_log(first.name, "0,1\n4\n2\n")) << log_of(first.name);
    const Task third = gpu_task("true", 2);
    EXPECT_TRUE(std::holds_alternative<NoRoom>(engine_->submit(third)));
    restart_engine();
    EXPECT_TRUE(std::holds_alternative<NoRoom>(engine_->submit(third)));
    EXPECT_EQ(run(second).exit_code, 0) << log_of(second.name);
    EXPECT_THAT(log_of(second.name), EndsWith("\n2\n2\n"));
    engine_->stop(first.name, std::chrono::seconds{0});
    ASSERT_TRUE(await_end(first.name));
    engine_->forget(first.name);
    EXPECT_EQ(run(third).exit_code, 0);
}

TEST_F(GpuRunTest, ARunThatAsksForNoneSeesNone) {
    EXPECT_THAT(output_of("set +x; ls /dev | grep -c nvidia || true; echo [$NVIDIA_VISIBLE_DEVICES]"),
                EndsWith("\n0\n[]\n"));
}

}  // namespace
}  // namespace flotilla::test
