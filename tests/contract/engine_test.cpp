// What every engine does, whatever it runs containers on: see engine/engine.hpp.
#include <algorithm>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.hpp"
#include "contract/engines.hpp"

namespace flotilla::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::VariantWith;
using Fate = simulation::Life::Fate;

ContractJob succeeds() {
    return {.command = "echo done"};
}

ContractJob fails() {
    return {.command = "exit 7", .life = {.exit_code = 7}};
}

ContractJob runs_for_ever() {
    return {.command = "set +x; echo up; sleep 1000", .life = {.fate = Fate::hangs}};
}

ContractJob ignores_sigterm() {
    return {.command = "trap '' TERM; set +x; echo up; sleep 1000 & wait; sleep 1000",
            .life = {.fate = Fate::hangs, .ignores_sigterm = true}};
}

/// Takes connections on loopback, of which nobody ever hears.
class SilentRegistry {
public:
    SilentRegistry() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API asks for it
        auto* const plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 8) != 0 ||
            ::getsockname(listener_.get(), plain, &size) != 0) {
            throw_errno("cannot listen");
        }
        name_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    UniqueFd listener_;
    std::string name_;
};

class EngineContractTest : public testing::TestWithParam<EngineKind> {
protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "containers need root";
        }
        subject_ = GetParam().make();
    }

    void TearDown() override {
        if (!subject_) {
            return;
        }
        for (const AttemptName& name : engine().list()) {
            engine().stop(name, seconds{0});
            (void)await_end(name);
            engine().forget(name);
        }
        EXPECT_THAT(engine().list(), IsEmpty());
    }

    [[nodiscard]] Engine& engine() { return subject_->engine(); }

    Task submit(const ContractJob& job) {
        Task task = subject_->task_of(job);
        EXPECT_TRUE(std::holds_alternative<SubmitAccepted>(engine().submit(task)));
        return task;
    }

    /// Waits for news until what is known of the attempt is a `Kind`; nothing after half a minute.
    template <typename Kind>
    std::optional<Kind> await(const AttemptName& name) {
        for (int turn = 0; turn < 300; ++turn) {
            const auto known = engine().inspect(name);
            if (known && std::holds_alternative<Kind>(*known)) {
                return std::get<Kind>(*known);
            }
            take_news(milliseconds{100});
        }
        return std::nullopt;
    }
    std::optional<Ended> await_end(const AttemptName& name) { return await<Ended>(name); }

    Ended run(const ContractJob& job) {
        const auto ended = await_end(submit(job).name);
        EXPECT_TRUE(ended) << job.command;
        return ended.value_or(Ended{});
    }

    /// Runs and has set up what it does about signals.
    Started await_up(const AttemptName& name) {
        const auto started = await<Started>(name);
        EXPECT_TRUE(started);
        for (int turn = 0; turn < 300; ++turn) {
            const auto log = subject_->log_of(name);
            if (!log || log->find("up\n") != std::string::npos) {
                break;
            }
            take_news(milliseconds{10});
        }
        return started.value_or(Started{});
    }

    void take_news(milliseconds timeout) {
        for (auto& news : engine().wait_for_news({}, timeout)) {
            news_.push_back(std::move(news));
        }
    }

    std::unique_ptr<EngineUnderTest> subject_;
    std::vector<EngineNews> news_;
};

TEST_P(EngineContractTest, AJobThatSucceedsIsToldToStartAndToEnd) {
    const AttemptName name = submit(succeeds()).name;
    const auto ended = await_end(name);
    take_news(milliseconds{0});
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 0);
    EXPECT_EQ(ended->exit_class, ExitClass::completed);
    EXPECT_FALSE(ended->reason.empty());
    ASSERT_TRUE(ended->started);
    EXPECT_LE(ended->started->at, ended->at);
    ASSERT_EQ(news_.size(), 2U);
    EXPECT_EQ(news_[0].name, name);
    EXPECT_EQ(std::get<Started>(news_[0].observation).at, ended->started->at);
    EXPECT_EQ(std::get<Ended>(news_[1].observation).exit_code, 0);
}

TEST_P(EngineContractTest, AnExitCodeIsTheJobsOwn) {
    const Ended ended = run(fails());
    EXPECT_EQ(ended.exit_code, 7);
    EXPECT_EQ(ended.exit_class, ExitClass::job_failed);
}

TEST_P(EngineContractTest, AJobBeyondItsMemoryRanOutOfMemory) {
    const Ended ended = run(
        {.command = "x=$(head -c 500000000 /dev/zero | tr '\\0' x)", .life = {.fate = Fate::out_of_memory}});
    EXPECT_EQ(ended.exit_code, 137);
    EXPECT_EQ(ended.exit_class, ExitClass::out_of_memory);
}

TEST_P(EngineContractTest, AnAttemptIsStartedOnceHoweverOftenItIsSubmitted) {
    const Task task = submit(succeeds());
    EXPECT_TRUE(std::holds_alternative<SubmitAccepted>(engine().submit(task)));
    ASSERT_TRUE(await_end(task.name));
    EXPECT_TRUE(std::holds_alternative<SubmitAccepted>(engine().submit(task)));
    EXPECT_TRUE(await_end(task.name));
    EXPECT_THAT(engine().list(), ElementsAre(task.name));
    if (const auto log = subject_->log_of(task.name)) {
        EXPECT_EQ(*log, "+ set -e\n+ echo done\ndone\n");
    }
}

TEST_P(EngineContractTest, OfWhatItDoesNotKnowNothingIsKnownAndNothingHappens) {
    const AttemptName name = subject_->task_of(succeeds()).name;
    EXPECT_EQ(engine().inspect(name), std::nullopt);
    engine().stop(name, seconds{1});
    engine().forget(name);
    EXPECT_THAT(engine().list(), IsEmpty());
}

TEST_P(EngineContractTest, AJobThatIsAskedToEndEndsBySigterm) {
    const AttemptName name = submit(runs_for_ever()).name;
    await_up(name);
    engine().stop(name, seconds{20});
    engine().stop(name, seconds{0});  // the first deadline stays
    const auto ended = await_end(name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 143);
}

TEST_P(EngineContractTest, AJobThatDoesNotListenIsKilledWhenItsGraceIsOver) {
    const AttemptName name = submit(ignores_sigterm()).name;
    await_up(name);
    engine().stop(name, seconds{1});
    const auto ended = await_end(name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 137);
    EXPECT_EQ(ended->exit_class, ExitClass::stopped_by_user);
}

TEST_P(EngineContractTest, WhatWaitsForItsImageSaysSoAndCanBeStopped) {
    const SilentRegistry registry;
    const AttemptName name =
        submit(
            {.command = "true", .life = {.fate = Fate::never_starts}, .image = registry.name() + "/never:1"})
            .name;
    const auto waits = await<NotStarted>(name);
    ASSERT_TRUE(waits);
    EXPECT_FALSE(waits->waiting_for.empty());
    engine().stop(name, seconds{20});
    const auto ended = await_end(name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_class, ExitClass::stopped_by_user);
    EXPECT_EQ(ended->exit_code, std::nullopt);
    EXPECT_FALSE(ended->started);
}

TEST_P(EngineContractTest, AnImageThatCannotBeHadNowIsThePlatformsFailure) {
    const Ended ended = run({.command = "true",
                             .life = {.fate = Fate::fails, .start_failure = ExitClass::image_unavailable},
                             .image = "127.0.0.1:1/nobody:1"});
    EXPECT_EQ(ended.exit_class, ExitClass::image_unavailable);
    EXPECT_EQ(ended.exit_code, std::nullopt);
    EXPECT_FALSE(ended.started);
    EXPECT_FALSE(ended.reason.empty());
}

TEST_P(EngineContractTest, WhatIsForgottenIsGoneButForItsLog) {
    const AttemptName name = submit(succeeds()).name;
    ASSERT_TRUE(await_end(name));
    engine().forget(name);
    EXPECT_EQ(engine().inspect(name), std::nullopt);
    EXPECT_THAT(engine().list(), IsEmpty());
    if (const auto log = subject_->log_of(name)) {
        EXPECT_THAT(*log, EndsWith("done\n"));
    }
}

TEST_P(EngineContractTest, WhatIsAliveIsNotForgotten) {
    const AttemptName name = submit(runs_for_ever()).name;
    await_up(name);
    engine().forget(name);
    EXPECT_THAT(engine().inspect(name), Optional(VariantWith<Started>(testing::_)));
}

TEST_P(EngineContractTest, TheNextEngineGoesOnWithWhatRuns) {
    const AttemptName name = submit(runs_for_ever()).name;
    const Started started = await_up(name);
    subject_->restart();
    EXPECT_THAT(engine().list(), ElementsAre(name));
    const auto found = await<Started>(name);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->at, started.at);
    engine().stop(name, seconds{20});
    const auto ended = await_end(name);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->exit_code, 143);
    if (const auto log = subject_->log_of(name)) {
        EXPECT_EQ(log->find("up\n"), log->rfind("up\n")) << *log;
    }
}

TEST_P(EngineContractTest, TheNextEngineTellsTheEndsThatWereNotForgotten) {
    const AttemptName name = submit(fails()).name;
    const auto ended = await_end(name);
    take_news(milliseconds{0});
    subject_->restart();
    news_.clear();
    const auto again = await_end(name);
    take_news(milliseconds{0});
    ASSERT_TRUE(ended && again);
    EXPECT_EQ(again->exit_code, 7);
    EXPECT_EQ(again->at, ended->at);
    EXPECT_TRUE(std::any_of(news_.begin(), news_.end(), [](const EngineNews& news) {
        return std::holds_alternative<Ended>(news.observation);
    }));
}

TEST_P(EngineContractTest, AnEndIsToldWhenTheLogIsComplete) {
    const AttemptName name = submit({.command = "set +x; seq 1 300000; printf '\\xff\\x00end'"}).name;
    ASSERT_TRUE(await_end(name));
    const auto log = subject_->log_of(name);
    if (!log) {
        GTEST_SKIP() << "jobs of this engine write nothing here";
    }
    EXPECT_EQ(log->size(), std::string_view("+ set -e\n+ set +x\n").size() + 1'988'895 + 5);
    EXPECT_THAT(*log, EndsWith(std::string("\n300000\n\xff\0end", 13)));
}

TEST_P(EngineContractTest, ATaskForWhichThereIsNoRoomIsNotTakenAndHoldsUpNoOther) {
    const Task large = subject_->too_large();
    const auto outcome = engine().submit(large);
    const auto* const no_room = std::get_if<NoRoom>(&outcome);
    ASSERT_NE(no_room, nullptr);
    EXPECT_FALSE(no_room->lacking.empty());
    EXPECT_NE(no_room->reason, "");
    EXPECT_EQ(engine().inspect(large.name), std::nullopt);
    EXPECT_EQ(run(succeeds()).exit_code, 0);
}

TEST_P(EngineContractTest, ThereIsNoTrouble) {
    EXPECT_EQ(engine().trouble(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineContractTest,
                         testing::Values(EngineKind{"local", make_local_engine},
                                         EngineKind{"docker", make_docker_engine},
                                         EngineKind{"ecs", make_ecs_engine},
                                         EngineKind{"scripted", make_scripted_engine}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace flotilla::test
