// The engine of Amazon ECS, on the small AWS of the end-to-end tests.
#include "engine/ecs/ecs_engine.hpp"

#include <array>
#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/random.hpp"
#include "contract/engines.hpp"
#include "engine/ecs/ecs_preparation.hpp"
#include "net/curl_http_client.hpp"
#include "support/sample_runs.hpp"

namespace flotilla::test {

namespace {

/// An account of its own, which goes away with this object.
class AwsProcess {
public:
    AwsProcess() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw_errno("cannot make a pipe");
        }
        const UniqueFd reads(ends[0]);
        UniqueFd writes(ends[1]);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::dup2(writes.get(), STDOUT_FILENO);
            ::execl("/usr/bin/python3", "python3", "-B", FLOTILLA_FAKE_AWS, nullptr);
            ::_exit(127);
        }
        writes.reset();
        for (char letter = 0; ::read(reads.get(), &letter, 1) == 1 && letter != '\n';) {
            url_ += letter;
        }
    }
    AwsProcess(const AwsProcess&) = delete;
    AwsProcess& operator=(const AwsProcess&) = delete;
    ~AwsProcess() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] const std::string& url() const { return url_; }

private:
    pid_t pid_ = -1;
    std::string url_;
};

constexpr std::int64_t more_gpus_than_it_has = 9;

class FixedKeys final : public AwsCredentialSource {
public:
    AwsCredentials get(std::chrono::milliseconds, const std::stop_token&) override {
        return {"id", "secret"};
    }
    void refused(const AwsCredentials&) override {}
};

/// The command by which that AWS knows what becomes of the job.
std::string command_of(const simulation::Life& life) {
    using Fate = simulation::Life::Fate;
    switch (life.fate) {
        case Fate::out_of_memory:
            return "out of memory";
        case Fate::hangs:
            return life.ignores_sigterm ? "stay deaf" : "stay";
        case Fate::fails:
            return "pull fails";
        case Fate::never_starts:
            return "never starts";
        default:
            return fmt::format("exit {}", life.exit_code);
    }
}

/// What is lost when the server ends.
struct EcsProcess {
    EcsProcess(AwsClient& aws, Clock& clock)
        : clusters(aws, clock, optional),
          instances(aws, clock, optional),
          parked(aws, {.name = "parked"}, [] {}),
          events({aws, clock, optional, parked, [](const RunId&) { return true; }, [] {}}, {.name = "states"},
                 "rule"),
          engine("default", {}, {aws, clock, clusters, instances, events, optional}) {}

    OptionalActions optional;
    AccountClusters clusters;
    Instances instances;
    ParkedMessages parked;
    TaskEvents events;
    EcsEngine engine;
};

class EcsEngineUnderTest final : public EngineUnderTest {
public:
    EcsEngineUnderTest() { process_.emplace(aws_, clock_); }

    [[nodiscard]] Engine& engine() override { return process_->engine; }
    void restart() override {
        const auto in_the_store = taken();
        process_.emplace(aws_, clock_);
        engine().remember(in_the_store);
    }
    [[nodiscard]] Task task_of(const ContractJob& job) override { return task_of(job, {}); }
    [[nodiscard]] Task too_large() override { return task_of({.command = {}}, more_gpus_than_it_has); }
    [[nodiscard]] std::optional<std::string> log_of(const AttemptName&) const override {
        return std::nullopt;  // CloudWatch Logs has it
    }

private:
    Task task_of(const ContractJob& job, std::optional<std::int64_t> gpu) {
        const std::string number = std::to_string(tasks_.size() + 1);
        Definition definition = sample_definition(number);
        definition.gpu = gpu;
        definition.command = command_of(job.life);
        EcsPreparation preparation(aws_, process_->clusters, {});
        definition.arn = preparation.register_definition(definition);
        auto run = sample_run("r" + number, definition);
        run.spec.gpu = gpu;
        Task task;
        task.name = {run.id, 1};
        task.memory = run.spec.memory;
        task.gpu = run.spec.gpu;
        task.engine_request = preparation.request_of(definition, run);
        tasks_.push_back(task);
        return task;
    }
    /// What a store has of what the engine took.
    [[nodiscard]] std::vector<TakenAttempt> taken() {
        std::vector<TakenAttempt> taken;
        for (const Task& task : tasks_) {
            if (engine().inspect(task.name)) {
                taken.push_back(
                    {task.name, std::get<SubmitAccepted>(engine().submit(task)).handle, task.memory});
            }
        }
        return taken;
    }

    AwsProcess account_;
    CurlHttpClient http_;
    SystemClock clock_;
    SystemRandom random_;
    FixedKeys keys_;
    AwsClient aws_{{http_, keys_, clock_, random_, {}},
                   {"us-east-1", {{"AWS_ENDPOINT_URL", account_.url()}}}};
    std::vector<Task> tasks_;
    std::optional<EcsProcess> process_;
};

}  // namespace

std::unique_ptr<EngineUnderTest> make_ecs_engine() {
    return std::make_unique<EcsEngineUnderTest>();
}

}  // namespace flotilla::test
