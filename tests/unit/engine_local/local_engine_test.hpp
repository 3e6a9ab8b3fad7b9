#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engine/local/local_engine.hpp"
#include "logs/file/log_path.hpp"
#include "support/base_image.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {

/// Real containers from a small image `base` on this machine, as root; skipped for others.
class LocalEngineTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "containers need root";
        }
        images_.emplace(images_folder(), data_.path() / "runs", RegistryOptions{});
        cgroups_.emplace(data_.path());
        folders_.emplace(data_.path());
        networks_.emplace(RunNetworkSettings{
            .data_dir = data_.path(), .subnet = "10.87.0.0/16", .resolvers = {}, .open_ports = {}});
        launcher_.emplace();
        start_engine();
    }

    void TearDown() override {
        if (!engine_) {
            return;
        }
        for (const AttemptName& name : engine_->list()) {
            engine_->stop(name, std::chrono::seconds{0});
            (void)await_end(name);
            engine_->forget(name);
        }
        engine_.reset();  // which takes away what it was told to forget
        EXPECT_TRUE(cgroups_->names().empty());
    }

    /// As the server that begins again: what it knew is lost.
    void restart_engine() {
        engine_.reset();
        start_engine();
    }

    void start_engine() {
        networks_->prepare(network);
        grants_.emplace();
        grants_->add(static_cast<int>(gpus.devices.size()));
        LocalEngineOptions options;
        options.cluster = "default";
        options.data_dir = data_.path();
        options.network = network;
        options.log_limit = log_limit;
        options.instance = {"host-1", "host-1.example"};
        engine_ =
            std::make_unique<LocalEngine>(options, LocalHost{*images_, *launcher_, *cgroups_, *folders_,
                                                             *networks_, clock_, secrets, &gpus, &*grants_});
    }

    [[nodiscard]] Task task_of(const std::string& command, const std::string& image = "base") {
        Task task;
        task.name = {{"0a1b2c3d-0000-4000-8000-" + std::to_string(100'000'000'000 + ++runs_)}, 1};
        task.image = image;
        task.command = command;
        task.memory = 64;
        return task;
    }

    void submit(const Task& task) {
        const SubmitOutcome outcome = engine_->submit(task);
        const auto* const accepted = std::get_if<SubmitAccepted>(&outcome);
        ASSERT_NE(accepted, nullptr);
        EXPECT_EQ(accepted->handle, "local:" + task.name.text());
    }

    /// Waits until it has ended, by the engine's news, and says how; nothing after ten seconds.
    std::optional<Ended> await_end(const AttemptName& name) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (std::chrono::steady_clock::now() < deadline) {
            const auto known = engine_->inspect(name);
            if (known && std::holds_alternative<Ended>(*known)) {
                return std::get<Ended>(*known);
            }
            for (auto& news : engine_->wait_for_news({}, std::chrono::milliseconds{100})) {
                news_.push_back(std::move(news));
            }
        }
        return std::nullopt;
    }

    /// Submits and waits for the end.
    Ended run(const Task& task) {
        submit(task);
        const auto ended = await_end(task.name);
        EXPECT_TRUE(ended) << task.command;
        return ended.value_or(Ended{});
    }

    /// Waits until the log has `text` in it; false after ten seconds.
    bool await_log(const AttemptName& name, const std::string& text) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (std::chrono::steady_clock::now() < deadline) {
            if (log_of(name).find(text) != std::string::npos) {
                return true;
            }
            (void)engine_->wait_for_news({}, std::chrono::milliseconds{5});
        }
        return false;
    }

    [[nodiscard]] std::string log_of(const AttemptName& name) const {
        return read_file(log_path(data_.path(), name.run, name.number)).value_or("");
    }
    /// The log of a job that ended well.
    std::string output_of(const std::string& command, const std::string& image = "base") {
        const Task task = task_of(command, image);
        const Ended ended = run(task);
        EXPECT_EQ(ended.exit_code, 0) << ended.reason << "\n" << log_of(task.name);
        return log_of(task.name);
    }

    /// The store of images is shared by all tests of this program; `base` is in it.
    static const std::filesystem::path& images_folder() {
        static const TemporaryFolder folder;
        static const bool imported = [] {
            ImageStore(folder.path(), folder.path() / "no-runs", RegistryOptions{})
                .import(parse_image_reference("base").value(), base_image());
            return true;
        }();
        EXPECT_TRUE(imported);
        return folder.path();
    }

    RunNetwork network = RunNetwork::none;
    std::int64_t log_limit = 1 << 20;
    std::vector<std::reference_wrapper<SecretValues>> secrets;
    HostGpus gpus;
    TemporaryFolder data_;
    SystemClock clock_;
    std::optional<ImageStore> images_;
    std::optional<Cgroups> cgroups_;
    std::optional<RunFolders> folders_;
    std::optional<RunNetworks> networks_;
    std::optional<GpuGrants> grants_;
    std::optional<Launcher> launcher_;
    std::unique_ptr<LocalEngine> engine_;
    std::vector<EngineNews> news_;

private:
    int runs_ = 0;
};

}  // namespace flotilla::test
