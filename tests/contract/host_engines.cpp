// The engines that run real containers on this machine.
#include <string>

#include "base/file.hpp"
#include "contract/engines.hpp"
#include "engine/docker/docker_engine.hpp"
#include "engine/local/local_engine.hpp"
#include "image/image_store.hpp"
#include "logs/file/log_path.hpp"
#include "net/curl_http_client.hpp"
#include "support/base_image.hpp"
#include "support/docker_daemon.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {

namespace {

/// What both have: a data folder, and logs in it.
class EngineOnThisHost : public EngineUnderTest {
public:
    [[nodiscard]] Engine& engine() override { return *engine_; }
    void restart() override {
        engine_.reset();
        engine_ = make_engine();
    }
    [[nodiscard]] Task task_of(const ContractJob& job) override {
        Task task;
        task.name = {{"0a1b2c3d-0000-4000-8000-" + std::to_string(100'000'000'000 + ++runs_)}, 1};
        task.image = job.image;
        task.command = job.command;
        task.memory = 64;
        return task;
    }
    [[nodiscard]] Task too_large() override {
        Task task = task_of({});
        task.gpu = 1;  // it has none
        return task;
    }
    [[nodiscard]] std::optional<std::string> log_of(const AttemptName& name) const override {
        return read_file(log_path(data_.path(), name.run, name.number)).value_or("");
    }

protected:
    [[nodiscard]] virtual std::unique_ptr<Engine> make_engine() = 0;

    TemporaryFolder data_;
    SystemClock clock_;
    std::unique_ptr<Engine> engine_;

private:
    static inline int runs_ = 0;  // a daemon is shared by all tests
};

class LocalEngineUnderTest final : public EngineOnThisHost {
public:
    LocalEngineUnderTest()
        : images_(data_.path() / "images", data_.path() / "runs", RegistryOptions{}),
          cgroups_(data_.path()),
          folders_(data_.path()),
          networks_({.data_dir = data_.path(), .subnet = "10.87.0.0/16", .resolvers = {}, .open_ports = {}}) {
        networks_.prepare(RunNetwork::private_network);
        images_.import(parse_image_reference("base").value(), base_image());
        engine_ = make_engine();
    }
    ~LocalEngineUnderTest() override { engine_.reset(); }

private:
    [[nodiscard]] std::unique_ptr<Engine> make_engine() override {
        LocalEngineOptions options;
        options.cluster = "default";
        options.data_dir = data_.path();
        return std::make_unique<LocalEngine>(
            options, LocalHost{images_, launcher_, cgroups_, folders_, networks_, clock_});
    }

    ImageStore images_;
    Cgroups cgroups_;
    RunFolders folders_;
    RunNetworks networks_;
    Launcher launcher_;
};

class DockerEngineUnderTest final : public EngineOnThisHost {
public:
    DockerEngineUnderTest() { engine_ = make_engine(); }
    ~DockerEngineUnderTest() override { engine_.reset(); }

private:
    [[nodiscard]] std::unique_ptr<Engine> make_engine() override {
        DockerEngineOptions options;
        options.container.cluster = "default";
        options.data_dir = data_.path();
        return std::make_unique<DockerEngine>(options, parse_daemon_address(docker_host(), ""),
                                              DockerEngineParts{http_, clock_});
    }

    CurlHttpClient http_;
};

}  // namespace

std::unique_ptr<EngineUnderTest> make_local_engine() {
    return std::make_unique<LocalEngineUnderTest>();
}

std::unique_ptr<EngineUnderTest> make_docker_engine() {
    return std::make_unique<DockerEngineUnderTest>();
}

}  // namespace flotilla::test
