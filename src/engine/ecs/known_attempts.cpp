#include "engine/ecs/known_attempts.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

constexpr std::chrono::minutes longest_silence{5};
constexpr std::chrono::minutes between_stops{1};
constexpr std::chrono::minutes until_missing{1};
constexpr std::chrono::hours forgotten_for{1};

}  // namespace

KnownAttempts::Attempt* KnownAttempts::State::find(const AttemptName& name) {
    const auto found = attempts.find(name);
    return found == attempts.end() ? nullptr : &found->second;
}

std::string KnownAttempts::accept(const Task& task, const std::string& arn) {
    auto state = state_.lock();
    Attempt& attempt = state->attempts[task.name];  // an event may have come first
    attempt.memory = task.memory;
    if (attempt.state.arn.empty()) {
        attempt.state.name = task.name;
        attempt.state.arn = arn;
        attempt.state.last_status = "PROVISIONING";
        attempt.heard_at = clock_.elapsed();
    }
    return attempt.state.arn;
}

std::vector<AttemptName> KnownAttempts::take_over(const std::vector<TakenAttempt>& live) {
    const auto now = clock_.elapsed();
    std::vector<AttemptName> nameless;
    auto state = state_.lock();
    for (const TakenAttempt& taken : live) {
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

void KnownAttempts::name_task(const AttemptName& name, const std::string& arn) {
    auto state = state_.lock();
    Attempt* const attempt = state->find(name);
    if (attempt != nullptr && attempt->state.arn.empty()) {
        attempt->state.arn = arn;
    }
}

void KnownAttempts::tell(const TaskState& task, const Instance& instance) {
    apply(*state_.lock(), task, instance);
    has_news_.notify_all();
}

void KnownAttempts::tell(const TaskState& task, const Instance& instance, const std::string& receipt) {
    {
        auto state = state_.lock();
        apply(*state, task, instance);
        state->receipts.push_back(receipt);
    }
    has_news_.notify_all();
}

void KnownAttempts::apply(State& state, const TaskState& news, const Instance& instance) {
    if (state.forgotten.contains(news.arn)) {
        return;
    }
    const auto [at, is_new] = state.attempts.try_emplace(news.name);
    Attempt& attempt = at->second;
    attempt.heard_at = clock_.elapsed();
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
    Observation seen =
        observation_of(news, instance, attempt.memory, attempt.asked_to_end_at.has_value(), clock_.now());
    const bool is_known =
        attempt.told && attempt.told->index() == seen.index() && !std::holds_alternative<Ended>(seen);
    if (!is_known && !std::holds_alternative<NotStarted>(seen)) {
        attempt.told = seen;
        state.news.push_back({news.name, std::move(seen)});
    }
}

void KnownAttempts::set_instance(const AttemptName& name, const Instance& instance) {
    auto state = state_.lock();
    Attempt* const attempt = state->find(name);
    if (attempt == nullptr || !attempt->told) {
        return;
    }
    attempt->instance = instance;
    if (auto* const started = std::get_if<Started>(&*attempt->told)) {
        started->instance = instance;
    }
}

void KnownAttempts::forget(const AttemptName& name) {
    auto state = state_.lock();
    const Attempt* const attempt = state->find(name);
    if (attempt == nullptr) {
        return;
    }
    if (!attempt->state.has_stopped()) {
        log_warning("run {} is not forgotten: it is still alive", name.text());
        return;
    }
    const auto now = clock_.elapsed();
    std::erase_if(state->forgotten, [&](const auto& task) { return now - task.second > forgotten_for; });
    state->forgotten[attempt->state.arn] = now;
    state->attempts.erase(name);
}

void KnownAttempts::miss(const std::string& why,
                         const std::function<bool(const AttemptName&, const std::string&)>& which) {
    const auto now = clock_.elapsed();
    auto state = state_.lock();
    for (auto& [name, attempt] : state->attempts) {
        if (which(name, attempt.state.arn)) {
            state->why_missing = why;
            attempt.missing_since = attempt.missing_since.value_or(now);
        }
    }
}

void KnownAttempts::give_up_missing() {
    const auto now = clock_.elapsed();
    std::erase_if(state_.lock()->attempts, [&](const auto& entry) {
        const Attempt& attempt = entry.second;
        return attempt.missing_since && now - *attempt.missing_since >= until_missing;
    });
}

std::optional<std::string> KnownAttempts::missing() {
    auto state = state_.lock();
    const auto count = std::count_if(state->attempts.begin(), state->attempts.end(), [](const auto& entry) {
        return entry.second.missing_since.has_value();
    });
    return count == 0 ? std::nullopt
                      : std::optional(fmt::format("how {} of its runs end: {}", count, state->why_missing));
}

std::optional<std::string> KnownAttempts::task_of(const AttemptName& name) {
    auto state = state_.lock();
    const Attempt* const attempt = state->find(name);
    return attempt == nullptr || attempt->state.arn.empty() ? std::nullopt
                                                            : std::optional(attempt->state.arn);
}

std::optional<std::string> KnownAttempts::task_to_stop(const AttemptName& name) {
    const auto now = clock_.elapsed();
    auto state = state_.lock();
    Attempt* const attempt = state->find(name);
    if (attempt == nullptr || attempt->state.has_stopped()) {
        return std::nullopt;
    }
    if (attempt->state.arn.empty()) {
        throw unavailable("it is not known yet which ECS task is its");
    }
    if (attempt->asked_to_end_at && now - *attempt->asked_to_end_at < between_stops) {
        return std::nullopt;
    }
    attempt->asked_to_end_at = now;
    return attempt->state.arn;
}

void KnownAttempts::stop_failed(const AttemptName& name) {
    auto state = state_.lock();
    if (Attempt* const attempt = state->find(name)) {
        attempt->asked_to_end_at.reset();
    }
}

std::vector<std::string> KnownAttempts::tasks_to_look_for(const std::set<AttemptName>& live) {
    const auto now = clock_.elapsed();
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

std::optional<TaskState> KnownAttempts::started_task(const AttemptName& name) {
    auto state = state_.lock();
    const Attempt* const attempt = state->find(name);
    const bool has_started =
        attempt != nullptr && attempt->told && std::holds_alternative<Started>(*attempt->told);
    return has_started ? std::optional(attempt->state) : std::nullopt;
}

std::optional<Instance> KnownAttempts::instance_of(const AttemptName& name) {
    auto state = state_.lock();
    const Attempt* const attempt = state->find(name);
    return attempt == nullptr || attempt->instance.dns_name.empty() ? std::nullopt
                                                                    : std::optional(attempt->instance);
}

std::optional<Observation> KnownAttempts::observation(const AttemptName& name) {
    auto state = state_.lock();
    const Attempt* const attempt = state->find(name);
    if (attempt == nullptr || attempt->told) {
        return attempt == nullptr ? std::nullopt : attempt->told;
    }
    return observation_of(attempt->state, attempt->instance, attempt->memory,
                          attempt->asked_to_end_at.has_value(), clock_.now());
}

std::vector<AttemptName> KnownAttempts::names() {
    std::vector<AttemptName> names;
    auto state = state_.lock();
    for (const auto& [name, attempt] : state->attempts) {
        names.push_back(name);
    }
    return names;
}

std::vector<EngineNews> KnownAttempts::wait_for_news(std::stop_token stop,
                                                     std::chrono::milliseconds timeout) {
    auto state = state_.lock();
    has_news_.wait_for(state.lock(), std::move(stop), timeout,
                       [&] { return !state->news.empty() || !state->receipts.empty(); });
    state->told = std::exchange(state->receipts, {});
    return std::exchange(state->news, {});
}

}  // namespace flotilla
