#include "engine/ecs/ecs_engine.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"
#include "base/portions.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::minutes until_asked_again{1};
constexpr std::size_t most_tasks_described = 100;

}  // namespace

EcsEngine::EcsEngine(std::string cluster, EcsSettings settings, EcsParts parts)
    : cluster_(std::move(cluster)),
      is_fargate_(settings.is_fargate()),
      parts_(std::move(parts)),
      look_(parts_.clusters, parts_.clock, cluster_),
      starts_(parts_.aws, cluster_, std::move(settings), parts_.renew_definition),
      attempts_(parts_.clock) {
    parts_.events.add(cluster_, *this);
}

EcsEngine::~EcsEngine() {
    parts_.events.remove(cluster_);
}

SubmitOutcome EcsEngine::submit(const Task& task) {
    if (auto arn = attempts_.task_of(task.name)) {
        return SubmitAccepted{*std::move(arn)};
    }
    const auto request = aws::parse_object(task.engine_request);
    if (!request) {
        return Refused{
            ExitClass::rejected,
            "the run was made for another engine than ECS, and cannot be run there: execute it again"};
    }
    try {
        parts_.events.ensure_route();
    } catch (const Error& error) {
        return TryLater{fmt::format("nothing would tell what becomes of its task: {}", error.what())};
    }
    if (auto trouble = parts_.log_trouble()) {
        return TryLater{*std::move(trouble)};
    }
    auto outcome = starts_.start(task, *request);
    crash_point("ecs.task_run");
    if (const auto* const taken = std::get_if<SubmitAccepted>(&outcome)) {
        return SubmitAccepted{attempts_.accept(task, taken->handle)};
    }
    return outcome;
}

void EcsEngine::stop(const AttemptName& name, std::chrono::seconds) {
    const auto arn = attempts_.task_to_stop(name);
    if (!arn) {
        return;
    }
    try {
        ask_to_stop(*arn);
    } catch (const Error& error) {
        if (const auto why = why_missing(error, cluster_)) {
            attempts_.miss(*why, [&](const AttemptName& other, const std::string&) { return other == name; });
            return;
        }
        attempts_.stop_failed(name);
        throw;
    }
}

void EcsEngine::ask_to_stop(const std::string& arn) {
    const auto now = parts_.clock.elapsed();
    if (const auto denial = *stop_denied_.lock(); denial && now - denial->at < until_asked_again) {
        throw unavailable("{}", denial->why);
    }
    try {
        stop_task(parts_.aws, cluster_, arn, "stopped on request, or no run needs it");
        stop_denied_.lock()->reset();
    } catch (const AwsError& error) {
        if (error.is_denied()) {
            *stop_denied_.lock() = Denial{error.what(), now};
        }
        throw;
    }
}

std::optional<Observation> EcsEngine::inspect(const AttemptName& name) {
    complete_instance(name);
    return attempts_.observation(name);
}

std::vector<EngineNews> EcsEngine::wait_for_news(std::stop_token stop, std::chrono::milliseconds timeout) {
    parts_.events.start();
    parts_.events.done(attempts_.take_receipts());  // who comes for more has stored what came before
    return attempts_.wait_for_news(std::move(stop), timeout);
}

Instance EcsEngine::instance_of(const TaskState& task) {
    const auto known = attempts_.instance_of(task.name);
    return known ? *known : parts_.instances.find(cluster_, task.container_instance);
}

/// AWS may not have said, when the attempt started, where it did.
void EcsEngine::complete_instance(const AttemptName& name) {
    if (const auto task = attempts_.started_task(name)) {
        attempts_.set_instance(name, instance_of(*task));
    }
}

void EcsEngine::take(const TaskState& state, const std::string& receipt) {
    attempts_.tell(state, instance_of(state), receipt);
}

void EcsEngine::remember(const std::vector<TakenAttempt>& attempts) {
    std::set<AttemptName> live;
    for (const TakenAttempt& taken : attempts) {
        live.insert(taken.name);
    }
    const auto nameless = attempts_.take_over(attempts);
    try {
        look_for_tasks(nameless, live);
        look_failure_.lock()->reset();
    } catch (const Error& error) {
        auto failure = look_failure_.lock();
        if (!*failure) {
            log_warning("cluster {}: the tasks of runs cannot be looked for now: {}", cluster_, error.what());
        }
        *failure = error.what();
    }
}

void EcsEngine::look_for_tasks(const std::vector<AttemptName>& nameless, const std::set<AttemptName>& live) {
    find_tasks(nameless);
    const auto wanted = attempts_.tasks_to_look_for(live);
    in_portions(std::span<const std::string>(wanted), most_tasks_described,
                [&](std::span<const std::string> portion) { describe(portion); });
    attempts_.give_up_missing();
}

/// Of attempts whose task nobody kept, as an earlier version did not before it heard of it.
void EcsEngine::find_tasks(const std::vector<AttemptName>& attempts) {
    for (const AttemptName& name : attempts) {
        const auto is_it = [&](const AttemptName& other, const std::string& arn) {
            return other == name && arn.empty();
        };
        try {
            const auto tasks =
                parts_.optional.attempt("the look for the ECS tasks of runs of which that is not known",
                                        [&] { return tasks_of(parts_.aws, cluster_, name); });
            if (!tasks) {
                return;
            }
            if (tasks->empty()) {
                attempts_.miss(unknown_task, is_it);
                continue;
            }
            attempts_.name_task(name, tasks->front());
        } catch (const AwsError& error) {
            const auto why = why_missing(error, cluster_);
            if (!why) {
                throw;
            }
            attempts_.miss(*why, is_it);
        }
    }
}

void EcsEngine::describe(std::span<const std::string> arns) {
    std::optional<DescribedTasks> answer;
    try {
        answer = parts_.optional.attempt("the look at runs of which ECS sent no news for long",
                                         [&] { return describe_tasks(parts_.aws, cluster_, arns); });
    } catch (const AwsError& error) {
        const auto why = why_missing(error, cluster_);
        if (!why) {
            throw;
        }
        attempts_.miss(*why, [&](const AttemptName&, const std::string& arn) {
            return std::find(arns.begin(), arns.end(), arn) != arns.end();
        });
    }
    if (!answer) {
        return;
    }
    for (const TaskState& task : answer->tasks) {
        attempts_.tell(task, instance_of(task));
    }
    attempts_.miss(unknown_task,
                   [&](const AttemptName&, const std::string& arn) { return answer->missing.contains(arn); });
}

std::optional<std::string> EcsEngine::trouble() {
    if (auto events = parts_.events.trouble()) {
        return events;
    }
    if (auto log = parts_.log_trouble()) {
        return log;
    }
    return look_.trouble();
}

std::vector<std::string> EcsEngine::losses() {
    auto losses = parts_.optional.losses();
    if (const auto trouble = parts_.clusters.trouble()) {
        losses.push_back(fmt::format("clusters that were made lately: {}", *trouble));
    }
    for (const auto& some : {parts_.events.losses(), parts_.log_losses()}) {
        losses.insert(losses.end(), some.begin(), some.end());
    }
    if (const auto denial = starts_.denial()) {
        losses.push_back("the start of runs: " + *denial);
    }
    if (const auto denial = *stop_denied_.lock()) {
        losses.push_back("the end of runs that have to end: " + denial->why);
    }
    if (const auto failure = parts_.instances.trouble()) {
        losses.push_back("the host names of runs that started lately: " + *failure);
    }
    if (const auto failure = *look_failure_.lock()) {
        losses.push_back("runs of which ECS sent no news for long: " + *failure);
    }
    if (auto unknown = attempts_.missing()) {
        losses.push_back(*std::move(unknown));
    }
    if (look_.lacks_instances() && !is_fargate_) {
        losses.emplace_back("a place for runs: the cluster has no container instances; they wait for some");
    }
    return losses;
}

}  // namespace flotilla
