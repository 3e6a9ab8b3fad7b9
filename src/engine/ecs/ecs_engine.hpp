#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "engine/ecs/account_clusters.hpp"
#include "engine/ecs/cluster_look.hpp"
#include "engine/ecs/ecs_settings.hpp"
#include "engine/ecs/instances.hpp"
#include "engine/ecs/known_attempts.hpp"
#include "engine/ecs/task_events.hpp"
#include "engine/ecs/task_starts.hpp"
#include "engine/engine.hpp"
#include "net/aws/optional_actions.hpp"

namespace flotilla {

/// What all ECS clusters of a server share.
struct EcsParts {
    AwsClient& aws;
    Clock& clock;
    AccountClusters& clusters;
    Instances& instances;
    TaskEvents& events;
    OptionalActions& optional;
    RenewDefinition renew_definition{[](const RunId&, const std::string&) { return false; }};
    /// Why no task could write its log, and so none could start; nothing if all is well.
    std::function<std::optional<std::string>()> log_trouble{[] { return std::nullopt; }};
    /// What is lost of logs, each with why in one line.
    std::function<std::vector<std::string>()> log_losses{[] { return std::vector<std::string>{}; }};
};

/// Runs containers as tasks of an Amazon ECS cluster. What becomes of them is told by the status queue; tasks
/// of which nothing was heard for long are asked for, a hundred at a time.
class EcsEngine final : public Engine, public TaskEventSink {
public:
    EcsEngine(std::string cluster, EcsSettings settings, EcsParts parts);
    ~EcsEngine() override;

    SubmitOutcome submit(const Task& task) override;
    /// `RunTask` takes some 200 ms, and may be called 40 times a second.
    [[nodiscard]] std::size_t submits_at_once() const override { return 16; }
    void stop(const AttemptName& name, std::chrono::seconds grace) override;
    [[nodiscard]] std::optional<Observation> inspect(const AttemptName& name) override;
    [[nodiscard]] std::vector<EngineNews> wait_for_news(std::stop_token stop,
                                                        std::chrono::milliseconds timeout) override;
    void forget(const AttemptName& name) override { attempts_.forget(name); }
    [[nodiscard]] std::vector<AttemptName> list() override { return attempts_.names(); }
    void remember(const std::vector<TakenAttempt>& attempts) override;
    [[nodiscard]] std::string why_unknown() override { return attempts_.why_missing(); }
    [[nodiscard]] std::optional<std::string> trouble() override;
    [[nodiscard]] std::vector<std::string> losses() override;

    void take(const TaskState& state, const std::string& receipt) override;

private:
    /// AWS does not let tasks be stopped: it is asked again after a while, as policies change.
    struct Denial {
        std::string why;
        std::chrono::microseconds at;  ///< `Clock::elapsed`
    };

    void ask_to_stop(const std::string& arn);
    void look_for_tasks(const std::vector<AttemptName>& nameless, const std::set<AttemptName>& live);
    void find_tasks(const std::vector<AttemptName>& attempts);
    void describe(std::span<const std::string> arns);
    [[nodiscard]] Instance instance_of(const TaskState& task);
    void complete_instance(const AttemptName& name);

    std::string cluster_;
    bool is_fargate_;
    EcsParts parts_;
    ClusterLook look_;
    TaskStarts starts_;
    KnownAttempts attempts_;
    Guarded<std::optional<Denial>> stop_denied_;
    Guarded<std::optional<std::string>> look_failure_;  ///< why tasks could not be looked for the last time
};

}  // namespace flotilla
