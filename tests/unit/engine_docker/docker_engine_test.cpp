#include "engine/docker/docker_engine.hpp"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <map>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "engine/job_script.hpp"
#include "support/fakes.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

using ::testing::HasSubstr;

constexpr const char* run_id = "0a1b2c3d-0000-4000-8000-100000000000";
const std::string container = std::string("/containers/flotilla-") + run_id + ".1";

std::string state(const std::string& status, int code = 0) {
    return R"({"State": {"Status": ")" + status + R"(", "ExitCode": )" + std::to_string(code) +
           R"(, "OOMKilled": false, "StartedAt": "2026-01-02T03:04:05Z", "FinishedAt": "2026-01-02T03:04:06Z"},
               "Config": {"Env": [], "Labels": {}}})";
}

/// A daemon that answers as the test says; a request that has no answer finds nobody.
class FakeDaemon final : public HttpClient {
public:
    void answer(const std::string& request, int status, std::string body = "{}") {
        const std::lock_guard lock(mutex_);
        answers_[request] = {.status = status, .headers = {}, .body = std::move(body)};
    }
    HttpResponse send(const HttpRequest& request) override {
        const std::string asked =
            request.method + " " + request.url.substr(std::string("http://host:2375/v1.41").size());
        std::unique_lock lock(mutex_);
        asked_.push_back(asked);
        if (asked == hangs_) {
            std::condition_variable_any stopped;
            (void)stopped.wait(lock, request.stop, [] { return false; });
            throw unavailable("host is not asked any more");
        }
        const auto found = answers_.find(asked);
        if (found == answers_.end()) {
            throw unavailable("cannot reach host: connection refused");
        }
        if (request.take_body && found->second.status == 200 && !found->second.body.empty()) {
            (void)request.take_body(found->second.body);
        }
        if (asked.find("/start") != std::string::npos && found->second.status == 204) {
            answers_["GET " + container + "/json"].body = state("exited", 5);
        }
        return found->second;
    }
    /// A request that is answered only when it is stopped.
    void hang(const std::string& request) {
        const std::lock_guard lock(mutex_);
        hangs_ = request;
    }
    [[nodiscard]] bool was_asked(const std::string& request) {
        const std::lock_guard lock(mutex_);
        return std::find(asked_.begin(), asked_.end(), request) != asked_.end();
    }

private:
    std::mutex mutex_;
    std::map<std::string, HttpResponse> answers_;
    std::vector<std::string> asked_;
    std::string hangs_;
};

class DockerEngineTest : public testing::Test {
protected:
    DockerEngineTest() {
        gpus_.add(1);
        daemon_.answer("GET /_ping", 200);
        daemon_.answer("GET /images/docker.io/library/base:latest/json", 200, R"({"Id": "sha256:1"})");
        daemon_.answer("POST /containers/create?name=flotilla-" + std::string(run_id) + ".1", 201);
        daemon_.answer("GET " + container + "/json", 200, state("created"));
        daemon_.answer("POST " + container + "/start", 204);
        daemon_.answer("GET " + container + "/logs?stdout=1&stderr=1&timestamps=1&follow=1", 200, "");
        daemon_.answer("GET " + container + "/logs?stdout=1&stderr=1&timestamps=1", 200, "");
        daemon_.answer("GET " + container + "/logs?stdout=1&stderr=1&timestamps=1&tail=1000", 200, "");
        daemon_.answer("DELETE " + container + "?force=1&v=1", 204);
    }

    void start_engine() {
        engine_.reset();
        DockerEngineOptions options;
        options.container.cluster = "default";
        options.data_dir = folder_.path();
        options.sweep = std::chrono::milliseconds{5};
        engine_ = std::make_unique<DockerEngine>(
            options, parse_daemon_address("tcp://host", ""),
            DockerEngineParts{.http = daemon_, .clock = clock_, .secrets = secrets_, .gpus = &gpus_});
    }

    [[nodiscard]] static Task task() {
        Task task;
        task.name = {{run_id}, 1};
        task.image = "base";
        task.command = "true";
        task.memory = 64;
        return task;
    }

    Ended await_end() { return await_end(task().name); }
    Ended await_end(const AttemptName& name) {
        for (int turn = 0; turn < 1000; ++turn) {
            const auto known = engine_->inspect(name);
            if (known && std::holds_alternative<Ended>(*known)) {
                return std::get<Ended>(*known);
            }
            (void)engine_->wait_for_news({}, std::chrono::milliseconds{10});
        }
        ADD_FAILURE() << "it does not end";
        return {};
    }

    /// What an engine leaves that dies when the container is made.
    AttemptFolder leave_behind() {
        start_engine();
        engine_.reset();
        const AttemptFolder folder(folder_.path() / "docker/default", task().name);
        folder.create({task(), "default", "boot"});
        folder.mark_created();
        return folder;
    }

    Ended run() {
        start_engine();
        EXPECT_TRUE(std::holds_alternative<SubmitAccepted>(engine_->submit(task())));
        return await_end();
    }

    test::TemporaryFolder folder_;
    test::FakeClock clock_;
    FakeDaemon daemon_;
    GpuGrants gpus_;
    std::vector<std::reference_wrapper<SecretValues>> secrets_;
    std::unique_ptr<DockerEngine> engine_;
};

TEST_F(DockerEngineTest, WhatCannotBeAcceptedKeepsNoGpu) {
    start_engine();
    Task first = task();
    first.gpu = 1;
    std::ofstream(folder_.path() / "docker/default" / first.name.text()) << "in the way";
    const auto outcome = engine_->submit(first);
    ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
    EXPECT_THAT(std::get<Refused>(outcome).reason, HasSubstr("folder cannot be written"));
    EXPECT_TRUE(gpus_.grant({{run_id}, 2}, 1)) << "it is free for another";
}

TEST_F(DockerEngineTest, AJobEndsWithTheCodeOfItsContainer) {
    const Ended ended = run();
    EXPECT_EQ(ended.exit_code, 5);
    ASSERT_TRUE(ended.started);
}

TEST_F(DockerEngineTest, ARunIsKnownUntilItsContainerIsSurelyGone) {
    const std::string removal = "DELETE " + container + "?force=1&v=1";
    daemon_.answer(removal, 409, R"({"message": "removal of container x is already in progress"})");
    (void)run();
    engine_->forget(task().name);
    while (!daemon_.was_asked(removal)) {
        (void)engine_->wait_for_news({}, std::chrono::milliseconds{1});
    }
    engine_.reset();
    EXPECT_TRUE(AttemptFolder(folder_.path() / "docker/default", task().name).task());
}

TEST_F(DockerEngineTest, WithoutADaemonNothingIsAccepted) {
    start_engine();
    daemon_.answer("GET /_ping", 500, R"({"message": "starting"})");
    const auto outcome = engine_->submit(task());
    ASSERT_TRUE(std::holds_alternative<TryLater>(outcome));
    EXPECT_THAT(std::get<TryLater>(outcome).reason, HasSubstr("starting"));
    EXPECT_EQ(engine_->inspect(task().name), std::nullopt);
    EXPECT_THAT(engine_->trouble(), testing::Optional(HasSubstr("starting")));
}

TEST_F(DockerEngineTest, WhatTheDaemonWillNeverMakeIsRejected) {
    daemon_.answer("POST /containers/create?name=flotilla-" + std::string(run_id) + ".1", 400,
                   R"({"message": "Minimum memory limit allowed is 6MB"})");
    const Ended ended = run();
    EXPECT_EQ(ended.exit_class, ExitClass::rejected);
    EXPECT_EQ(ended.reason, "the container cannot be made: Minimum memory limit allowed is 6MB");
    EXPECT_FALSE(ended.started);
}

TEST_F(DockerEngineTest, WhatTheDaemonCannotMakeNowIsTheHostsFailure) {
    daemon_.answer("POST /containers/create?name=flotilla-" + std::string(run_id) + ".1", 500,
                   R"({"message": "no space left on device"})");
    EXPECT_EQ(run().exit_class, ExitClass::start_failed);
}

TEST_F(DockerEngineTest, AContainerThatCannotBeStartedNowIsTheHostsFailure) {
    daemon_.answer("POST " + container + "/start", 500, R"({"message": "too many open files"})");
    EXPECT_EQ(run().exit_class, ExitClass::start_failed);
}

TEST_F(DockerEngineTest, AUserThatTheImageHasNotIsTheDefinitionsFault) {
    daemon_.answer("POST " + container + "/start", 500,
                   R"({"message": "unable to find user ghost: no matching entries in passwd file"})");
    EXPECT_EQ(run().exit_class, ExitClass::rejected);
}

TEST_F(DockerEngineTest, AContainerThatIsThereAlreadyIsAdoptedAndNotStartedAgain) {
    daemon_.answer("POST /containers/create?name=flotilla-" + std::string(run_id) + ".1", 409);
    daemon_.answer("GET " + container + "/json", 200, state("exited", 7));
    EXPECT_EQ(run().exit_code, 7);
    EXPECT_FALSE(daemon_.was_asked("POST " + container + "/start"));
}

TEST_F(DockerEngineTest, AStartWhoseAnswerSaysNoThoughItHappenedCounts) {
    daemon_.answer("POST " + container + "/start", 500, R"({"message": "context deadline exceeded"})");
    daemon_.answer("POST /containers/create?name=flotilla-" + std::string(run_id) + ".1", 409);
    daemon_.answer("GET " + container + "/json", 200, state("running"));
    start_engine();
    (void)engine_->submit(task());
    for (int turn = 0; turn < 1000; ++turn) {
        if (std::holds_alternative<Started>(*engine_->inspect(task().name))) {
            break;
        }
        (void)engine_->wait_for_news({}, std::chrono::milliseconds{10});
    }
    daemon_.answer("GET " + container + "/json", 200, state("exited", 0));
    EXPECT_EQ(await_end().exit_code, 0);
}

TEST_F(DockerEngineTest, AnImageThatIsGoneSinceTheRunBeforeIsPulledAgain) {
    const std::string digest = "sha256:" + std::string(64, '1');
    const std::string image = "GET /images/docker.io/library/base:latest@" + digest + "/json";
    daemon_.answer(image, 200, R"({"Id": "sha256:1"})");
    start_engine();
    Task pinned = task();
    pinned.image_digest = digest;
    (void)engine_->submit(pinned);
    EXPECT_EQ(await_end().exit_code, 5);

    daemon_.answer(image, 404, R"({"message": "No such image"})");
    daemon_.answer("GET /images/" + digest + "/json", 404, R"({"message": "No such image"})");
    daemon_.answer("POST /containers/create?name=flotilla-" + std::string(run_id) + ".2", 404,
                   R"({"message": "No such image"})");
    const std::string pull =
        "POST /images/create?fromImage=docker.io%2Flibrary%2Fbase&tag=sha256%3A" + std::string(64, '1');
    daemon_.answer(pull, 404, R"({"message": "pull access denied for base"})");
    pinned.name.number = 2;
    (void)engine_->submit(pinned);
    EXPECT_EQ(await_end(pinned.name).exit_class, ExitClass::image_not_found);
    EXPECT_TRUE(daemon_.was_asked(pull));
}

TEST_F(DockerEngineTest, AContainerThatWasMadeAndIsGoneIsNotMadeAgain) {
    leave_behind();
    daemon_.answer("GET " + container + "/json", 404, R"({"message": "No such container"})");
    start_engine();
    const Ended ended = await_end();
    EXPECT_EQ(ended.exit_class, ExitClass::host_lost);
    EXPECT_FALSE(ended.started);
    EXPECT_FALSE(daemon_.was_asked("POST /containers/create?name=flotilla-" + std::string(run_id) + ".1"));
}

TEST_F(DockerEngineTest, AContainerThatIsGoneAfterItsStartCountsAsStarted) {
    leave_behind().mark_starting();
    daemon_.answer("GET " + container + "/json", 404, R"({"message": "No such container"})");
    start_engine();
    EXPECT_TRUE(await_end().started) << "so that nobody tries it again";
}

TEST_F(DockerEngineTest, WhatHasNoContainerIsStoppedThoughTheDaemonIsAway) {
    daemon_.answer("GET /images/docker.io/library/base:latest/json", 500, R"({"message": "not now"})");
    start_engine();
    (void)engine_->submit(task());
    engine_->stop(task().name, std::chrono::seconds{1});
    EXPECT_EQ(await_end().exit_class, ExitClass::stopped_by_user);
}

TEST_F(DockerEngineTest, ACrashBetweenCreationAndStartIsMadeGood) {
    leave_behind();
    start_engine();
    EXPECT_EQ(await_end().exit_code, 5);
    EXPECT_TRUE(daemon_.was_asked("POST " + container + "/start"));
}

/// As the query that asks for the container's making has it.
const std::string making =
    "GET /events?since=0&filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22create%22%5D%2C"
    "%22container%22%3A%5B%22flotilla-" +
    std::string(run_id) + ".1%22%5D%7D";

TEST_F(DockerEngineTest, AStartThatADaemonForgotIsNotAskedForAgain) {
    leave_behind().mark_starting();
    daemon_.answer(making, 200, "");
    start_engine();
    const Ended ended = await_end();
    EXPECT_EQ(ended.exit_class, ExitClass::host_lost);
    EXPECT_TRUE(ended.started) << "so that nobody tries it again";
    EXPECT_FALSE(daemon_.was_asked("POST " + container + "/start"));
}

TEST_F(DockerEngineTest, AStartThatTheServerWasKilledAtIsAskedForAgainOfADaemonThatLivedOn) {
    leave_behind().mark_starting();
    daemon_.answer(making, 200, "{}");
    start_engine();
    EXPECT_EQ(await_end().exit_code, 5);
}

TEST_F(DockerEngineTest, AnImageThatDoesNotExistEndsTheAttempt) {
    daemon_.answer("GET /images/docker.io/library/base:latest/json", 404);
    daemon_.answer("POST /images/create?fromImage=docker.io%2Flibrary%2Fbase&tag=latest", 404,
                   R"({"message": "pull access denied for base, repository does not exist"})");
    EXPECT_EQ(run().exit_class, ExitClass::image_not_found);
}

TEST_F(DockerEngineTest, ASecretThatCannotBeHadEndsTheAttemptWithItsName) {
    struct NoSecrets final : SecretValues {
        std::vector<SecretVariable> values_for(const Task&) override {
            throw invalid("secret [KEY] cannot be had");
        }
    } none;
    secrets_ = {none};
    const Ended ended = run();
    EXPECT_EQ(ended.exit_class, ExitClass::start_failed);
    EXPECT_EQ(ended.reason, "secret [KEY] cannot be had");
}

TEST_F(DockerEngineTest, AStreamThatDoesNotEndWithItsContainerIsEnded) {
    daemon_.answer("POST /containers/create?name=flotilla-" + std::string(run_id) + ".1", 409);
    daemon_.answer("GET " + container + "/json", 200, state("running"));
    daemon_.hang("GET " + container + "/logs?stdout=1&stderr=1&timestamps=1&follow=1");
    start_engine();
    (void)engine_->submit(task());
    while (!daemon_.was_asked("GET " + container + "/logs?stdout=1&stderr=1&timestamps=1&follow=1")) {
        (void)engine_->wait_for_news({}, std::chrono::milliseconds{1});
    }
    daemon_.answer("GET " + container + "/json", 200, state("exited", 3));
    daemon_.answer(
        "GET /containers/json?all=1&filters=%7B%22label%22%3A%5B%22flotilla.cluster%3Ddefault%22%5D%2C"
        "%22status%22%3A%5B%22exited%22%2C%22dead%22%5D%7D",
        200, R"([{"Names": ["/flotilla-)" + std::string(run_id) + R"(.1"]}, {"Names": ["/other"]}])");
    EXPECT_EQ(await_end().exit_code, 3);
}

TEST_F(DockerEngineTest, ADaemonThatGivesNoAnswerIsAskedAgain) {
    daemon_.answer("GET " + container + "/json", 500, R"({"message": "not yet"})");
    start_engine();
    (void)engine_->submit(task());
    while (!daemon_.was_asked("GET " + container + "/json")) {
        (void)engine_->wait_for_news({}, std::chrono::milliseconds{1});
    }
    EXPECT_TRUE(std::holds_alternative<NotStarted>(*engine_->inspect(task().name)));
    daemon_.answer("GET " + container + "/json", 200, state("exited", 5));
    EXPECT_EQ(await_end().exit_code, 5);
}

}  // namespace
}  // namespace flotilla
