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

constexpr std::chrono::minutes longest_silence{5};
constexpr std::chrono::minutes between_stops{1};
constexpr std::chrono::minutes until_missing{1};
constexpr std::chrono::hours forgotten_for{1};
constexpr std::size_t most_tasks_described = 100;

}  // namespace

EcsEngine::EcsEngine(std::string cluster, EcsSettings settings, EcsParts parts)
    : cluster_(std::move(cluster)),
      is_fargate_(settings.is_fargate()),
      parts_(std::move(parts)),
      look_(parts_.clusters, parts_.clock, cluster_),
      starts_(parts_.aws, cluster_, std::move(settings), parts_.renew_definition) {
    parts_.events.add(cluster_, *this);
}

EcsEngine::~EcsEngine() {
    parts_.events.remove(cluster_);
}

SubmitOutcome EcsEngine::submit(const Task& task) {
    {
        auto state = state_.lock();
        const auto known = state->attempts.find(task.name);
        if (known != state->attempts.end() && !known->second.state.arn.empty()) {
            return SubmitAccepted{known->second.state.arn};
        }
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
        return accepted(task, taken->handle);
    }
    return outcome;
}

SubmitOutcome EcsEngine::accepted(const Task& task, const std::string& arn) {
    auto state = state_.lock();
    Attempt& attempt = state->attempts[task.name];  // an event may have come first
    attempt.memory = task.memory;
    if (attempt.state.arn.empty()) {
        attempt.state.name = task.name;
        attempt.state.arn = arn;
        attempt.state.last_status = "PROVISIONING";
        attempt.heard_at = parts_.clock.elapsed();
    }
    return SubmitAccepted{attempt.state.arn};
}

void EcsEngine::stop(const AttemptName& name, std::chrono::seconds) {
    std::string arn;
    const auto now = parts_.clock.elapsed();
    {
        auto state = state_.lock();
        const auto found = state->attempts.find(name);
        if (found == state->attempts.end() || found->second.state.has_stopped()) {
            return;
        }
        arn = found->second.state.arn;
        if (arn.empty()) {
            throw unavailable("it is not known yet which ECS task is its");
        }
        auto& asked_at = found->second.asked_to_end_at;
        if (asked_at && now - *asked_at < between_stops) {
            return;
        }
        asked_at = now;
    }
    try {
        ask_to_stop(arn);
    } catch (const Error& error) {
        if (const auto why = why_missing(error, cluster_)) {
            miss(*why, [&](const AttemptName& other, const Attempt&) { return other == name; });
            return;
        }
        auto state = state_.lock();
        const auto found = state->attempts.find(name);
        if (found != state->attempts.end()) {
            found->second.asked_to_end_at.reset();
        }
        throw;
    }
}

void EcsEngine::ask_to_stop(const std::string& arn) {
    const auto now = parts_.clock.elapsed();
    if (const auto denial = *stop_denied_.lock(); denial && now - denial->at < between_stops) {
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
    auto state = state_.lock();
    const auto found = state->attempts.find(name);
    if (found == state->attempts.end()) {
        return std::nullopt;
    }
    const Attempt& attempt = found->second;
    if (attempt.told) {
        return attempt.told;
    }
    return observation_of(attempt.state, attempt.instance, attempt.memory,
                          attempt.asked_to_end_at.has_value(), parts_.clock.now());
}

std::vector<EngineNews> EcsEngine::wait_for_news(std::stop_token stop, std::chrono::milliseconds timeout) {
    parts_.events.start();
    std::vector<std::string> stored;
    {
        auto state = state_.lock();
        stored = std::exchange(state->told, {});
    }
    parts_.events.done(stored);  // who comes for more has stored what came before
    auto state = state_.lock();
    has_news_.wait_for(state.lock(), std::move(stop), timeout,
                       [&] { return !state->news.empty() || !state->receipts.empty(); });
    state->told = std::exchange(state->receipts, {});
    return std::exchange(state->news, {});
}

void EcsEngine::forget(const AttemptName& name) {
    auto state = state_.lock();
    const auto found = state->attempts.find(name);
    if (found == state->attempts.end()) {
        return;
    }
    if (!found->second.state.has_stopped()) {
        log_warning("run {} is not forgotten: it is still alive", name.text());
        return;
    }
    const auto now = parts_.clock.elapsed();
    std::erase_if(state->forgotten, [&](const auto& task) { return now - task.second > forgotten_for; });
    state->forgotten[found->second.state.arn] = now;
    state->attempts.erase(found);
}

std::vector<AttemptName> EcsEngine::list() {
    std::vector<AttemptName> names;
    auto state = state_.lock();
    for (const auto& [name, attempt] : state->attempts) {
        names.push_back(name);
    }
    return names;
}

Instance EcsEngine::instance_of(const TaskState& state) {
    {
        auto known = state_.lock();
        const auto found = known->attempts.find(state.name);
        if (found != known->attempts.end() && !found->second.instance.dns_name.empty()) {
            return found->second.instance;
        }
    }
    return parts_.instances.find(cluster_, state.container_instance);
}

/// AWS may not have said, when the attempt started, where it did.
void EcsEngine::complete_instance(const AttemptName& name) {
    TaskState task;
    {
        auto state = state_.lock();
        const auto found = state->attempts.find(name);
        if (found == state->attempts.end() || !found->second.told ||
            !std::holds_alternative<Started>(*found->second.told)) {
            return;
        }
        task = found->second.state;
    }
    const Instance instance = instance_of(task);
    auto state = state_.lock();
    const auto found = state->attempts.find(name);
    if (found == state->attempts.end() || !found->second.told) {
        return;
    }
    found->second.instance = instance;
    if (auto* const started = std::get_if<Started>(&*found->second.told)) {
        started->instance = instance;
    }
}

void EcsEngine::take(const TaskState& state, const std::string& receipt) {
    const Instance instance = instance_of(state);
    auto known = state_.lock();
    apply(*known, state, instance);
    known->receipts.push_back(receipt);
    has_news_.notify_all();
}

/// Of news that is not new nothing is told.
void EcsEngine::apply(State& state, const TaskState& news, const Instance& instance) {
    if (state.forgotten.contains(news.arn)) {
        return;
    }
    const auto [at, is_new] = state.attempts.try_emplace(news.name);
    Attempt& attempt = at->second;
    attempt.heard_at = parts_.clock.elapsed();
    attempt.missing_since.reset();
    if (!attempt.state.arn.empty() && attempt.state.arn != news.arn) {
        log_warning("run {}: ECS tells of a task {} of it besides {}", news.name.text(), news.arn,
                    attempt.state.arn);
        return;
    }
    if (!is_new && !is_newer(news, attempt.state)) {
        return;
    }
    attempt.state = news;
    attempt.instance = instance;
    Observation seen = observation_of(news, instance, attempt.memory, attempt.asked_to_end_at.has_value(),
                                      parts_.clock.now());
    const bool is_known =
        attempt.told && attempt.told->index() == seen.index() && !std::holds_alternative<Ended>(seen);
    if (!is_known && !std::holds_alternative<NotStarted>(seen)) {
        attempt.told = seen;
        state.news.push_back({news.name, std::move(seen)});
    }
}

void EcsEngine::remember(const std::vector<TakenAttempt>& attempts) {
    std::set<AttemptName> live;
    for (const TakenAttempt& taken : attempts) {
        live.insert(taken.name);
    }
    const auto nameless = take_over(attempts);
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

/// Gives those of which it is not known which task is theirs, and of which nothing was heard.
std::vector<AttemptName> EcsEngine::take_over(const std::vector<TakenAttempt>& attempts) {
    const auto now = parts_.clock.elapsed();
    std::vector<AttemptName> nameless;
    auto state = state_.lock();
    for (const TakenAttempt& taken : attempts) {
        const auto [at, is_new] = state->attempts.try_emplace(taken.name);
        Attempt& attempt = at->second;
        if (is_new) {
            attempt.state.name = taken.name;
            attempt.heard_at = now - longest_silence;
            attempt.memory = taken.memory;
        }
        if (attempt.state.arn.empty()) {
            attempt.state.arn = taken.handle;
        }
        if (attempt.state.arn.empty() && now - attempt.heard_at >= longest_silence) {
            nameless.push_back(taken.name);
        }
    }
    return nameless;
}

void EcsEngine::look_for_tasks(const std::vector<AttemptName>& nameless, const std::set<AttemptName>& live) {
    find_tasks(nameless);
    const auto wanted = tasks_to_look_for(live);
    in_portions(std::span<const std::string>(wanted), most_tasks_described,
                [&](std::span<const std::string> portion) { describe(portion); });
    give_up_missing();
}

/// Of attempts whose task nobody kept, as an earlier version did not before it heard of it.
void EcsEngine::find_tasks(const std::vector<AttemptName>& attempts) {
    for (const AttemptName& name : attempts) {
        const auto is_it = [&](const AttemptName& other, const Attempt& attempt) {
            return other == name && attempt.state.arn.empty();
        };
        try {
            const auto tasks =
                parts_.optional.attempt("the look for the ECS tasks of runs of which that is not known",
                                        [&] { return tasks_of(parts_.aws, cluster_, name); });
            if (!tasks) {
                return;
            }
            if (tasks->empty()) {
                miss(unknown_task, is_it);
                continue;
            }
            auto state = state_.lock();
            const auto found = state->attempts.find(name);
            if (found != state->attempts.end() && found->second.state.arn.empty()) {
                found->second.state.arn = tasks->front();
            }
        } catch (const AwsError& error) {
            const auto why = why_missing(error, cluster_);
            if (!why) {
                throw;
            }
            miss(*why, is_it);
        }
    }
}

/// Those of which nothing was heard for long, and those that ECS did not know. What is not live any more, and
/// silent, is dropped: another server was told of its end.
std::vector<std::string> EcsEngine::tasks_to_look_for(const std::set<AttemptName>& live) {
    const auto now = parts_.clock.elapsed();
    const auto is_silent = [&](const Attempt& attempt) { return now - attempt.heard_at >= longest_silence; };
    auto state = state_.lock();
    std::erase_if(state->attempts,
                  [&](const auto& entry) { return !live.contains(entry.first) && is_silent(entry.second); });
    std::vector<std::string> arns;
    for (const auto& [name, attempt] : state->attempts) {
        if ((is_silent(attempt) || attempt.missing_since) && live.contains(name) &&
            !attempt.state.arn.empty() && !attempt.state.has_stopped()) {
            arns.push_back(attempt.state.arn);
        }
    }
    return arns;
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
        miss(*why, [&](const AttemptName&, const Attempt& attempt) {
            return std::find(arns.begin(), arns.end(), attempt.state.arn) != arns.end();
        });
    }
    if (!answer) {
        return;
    }
    for (const TaskState& task : answer->tasks) {
        const Instance instance = instance_of(task);
        auto state = state_.lock();
        apply(*state, task, instance);
        has_news_.notify_all();
    }
    miss(unknown_task, [&](const AttemptName&, const Attempt& attempt) {
        return answer->missing.contains(attempt.state.arn);
    });
}

/// A task that has just begun may not be known everywhere.
void EcsEngine::miss(const std::string& why,
                     const std::function<bool(const AttemptName&, const Attempt&)>& which) {
    const auto now = parts_.clock.elapsed();
    auto state = state_.lock();
    for (auto& [name, attempt] : state->attempts) {
        if (which(name, attempt)) {
            state->why_missing = why;
            attempt.missing_since = attempt.missing_since.value_or(now);
        }
    }
}

void EcsEngine::give_up_missing() {
    const auto now = parts_.clock.elapsed();
    std::erase_if(state_.lock()->attempts, [&](const auto& entry) {
        const Attempt& attempt = entry.second;
        return attempt.missing_since && now - *attempt.missing_since >= until_missing;
    });
}

std::optional<std::string> EcsEngine::missing() {
    auto state = state_.lock();
    const auto count = std::count_if(state->attempts.begin(), state->attempts.end(), [](const auto& entry) {
        return entry.second.missing_since.has_value();
    });
    return count == 0 ? std::nullopt
                      : std::optional(fmt::format("how {} of its runs end: {}", count, state->why_missing));
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
    if (auto unknown = missing()) {
        losses.push_back(*std::move(unknown));
    }
    if (look_.lacks_instances() && !is_fargate_) {
        losses.emplace_back("a place for runs: the cluster has no container instances; they wait for some");
    }
    return losses;
}

}  // namespace flotilla
