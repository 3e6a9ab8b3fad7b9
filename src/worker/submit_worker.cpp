#include "worker/submit_worker.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include "base/crash_point.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

constexpr std::size_t most_taken_at_once = 16;
constexpr std::chrono::microseconds first_delay = std::chrono::milliseconds{200};
constexpr std::chrono::microseconds longest_delay = std::chrono::seconds{30};

AttemptName name_of(const Run& run) {
    return {run.id, run.attempt.number};
}

Task task_of(const Run& run) {
    return {.name = name_of(run),
            .image = run.spec.image,
            .image_digest = run.spec.image_digest,
            .command = run.spec.command,
            .env = merged_env({&run.spec.definition_env, &run.env}),
            .secrets = run.spec.secrets,
            .memory = run.spec.memory,
            .cpu = run.spec.cpu,
            .gpu = run.spec.gpu,
            .ports = run.spec.ports,
            .user = run.spec.container_user,
            .engine_request = run.engine_request};
}

bool has_ended(const AttemptName& name, const Run& stored) {
    return name_of(stored) != name || stored.attempt.phase == AttemptPhase::ended;
}

}  // namespace

bool SubmitWorker::step(const std::stop_token& stop) {
    if (clock_.elapsed() < not_before_ || !may_start()) {
        return false;
    }
    auto leases = queue_.take(cluster_.cluster, most_taken_at_once);
    if (!leases.empty()) {
        crash_point("submit.intent_stored");
    }
    std::vector<Settled> settled;
    std::span<RunQueue::Lease> waiting(leases);
    while (!waiting.empty() && !stop.stop_requested() && clock_.elapsed() >= not_before_ && may_start()) {
        // An engine that had no room is asked for one run, until it takes one.
        const std::size_t width = delay_.count() > 0 ? 1 : cluster_.engine.submits_at_once();
        const auto portion = waiting.first(std::min(waiting.size(), width));
        hand_over(portion, settled);
        waiting = waiting.subspan(portion.size());
    }
    record(settled);
    return !settled.empty();
}

std::chrono::microseconds SubmitWorker::rest() {
    const auto until_retry = not_before_ - clock_.elapsed();
    return until_retry.count() > 0 ? std::min(until_retry, options_.sweep) : options_.sweep;
}

bool SubmitWorker::announce(const Run& run) {
    const auto stored = runs_.advance(run.id, {run.attempt.number, Offered{clock_.now()}});
    if (stored && has_ended(name_of(run), *stored)) {
        // It began before this server came to it, and its lease kept the engine from forgetting its end.
        cluster_.engine.forget(name_of(run));
    }
    return stored && stored->attempt.number == run.attempt.number &&
           stored->attempt.phase == AttemptPhase::submitting;
}

void SubmitWorker::hand_over(std::span<RunQueue::Lease> leases, std::vector<Settled>& settled) {
    std::vector<RunQueue::Lease*> offered;
    for (RunQueue::Lease& lease : leases) {
        const LogScope scope{"run_id", lease.run().id.value};
        lease.offer();
        if (!options_.has_peers || announce(lease.run())) {
            offered.push_back(&lease);
        }
    }
    const auto answers = ask_all(offered);
    for (std::size_t i = 0; i < offered.size(); ++i) {
        RunQueue::Lease& lease = *offered[i];
        const LogScope scope{"run_id", lease.run().id.value};
        auto change = change_by(answers[i]);
        if (!change) {
            continue;  // nobody knows whether the engine has it: it is leased again
        }
        if (std::holds_alternative<Deferred>(*change)) {
            lease.give_back();
        } else {
            // From here on the run must not go back to the queue: should the store fail now, its phase stays
            // `submitting`, it is leased again, and the engine knows it by its name.
            lease.done();
            settled.push_back({name_of(lease.run()), *std::move(change)});
        }
    }
}

std::vector<SubmitWorker::Answer> SubmitWorker::ask_all(const std::vector<RunQueue::Lease*>& leases) {
    std::vector<Answer> answers(leases.size());
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < leases.size(); ++i) {
        others.emplace_back([&, i] { answers[i] = ask(leases[i]->run()); });
    }
    if (!leases.empty()) {
        answers.front() = ask(leases.front()->run());
    }
    others.clear();  // each is waited for
    return answers;
}

SubmitWorker::Answer SubmitWorker::ask(const Run& run) {
    const LogScope scope{"run_id", run.id.value};
    Answer answer{clock_.now(), NotAsked{}};
    try {
        if (!run.is_unwanted() || cluster_.engine.inspect(name_of(run))) {
            answer.said = cluster_.engine.submit(task_of(run));
            crash_point("submit.engine_has_it");
        }
    } catch (const std::exception& error) {
        answer.said = NoAnswer{error.what()};
    }
    return answer;
}

std::optional<ChangeKind> SubmitWorker::change_by(const Answer& answer) {
    if (std::holds_alternative<NotAsked>(answer.said)) {
        return Deferred{};  // given back, it ends there
    }
    if (const auto* none = std::get_if<NoAnswer>(&answer.said)) {
        back_off(none->reason);
        return std::nullopt;
    }
    const auto& outcome = std::get<SubmitOutcome>(answer.said);
    if (const auto* later = std::get_if<TryLater>(&outcome)) {
        back_off(later->reason);
        return Deferred{};
    }
    delay_ = {};
    cluster_.pause.end();
    if (const auto* refused = std::get_if<Refused>(&outcome)) {
        const auto now = clock_.now();
        return Ended{now, std::nullopt, refused->exit_class, refused->reason,
                     RetryTerms{options_.retry, now, random_.unit()}};
    }
    return Submitted{std::get<SubmitAccepted>(outcome).handle, answer.asked_at};
}

void SubmitWorker::record(const std::vector<Settled>& settled) {
    if (settled.empty()) {
        return;
    }
    std::vector<RunNews> news;
    std::map<RunId, const Settled*> by_run;
    for (const Settled& one : settled) {
        news.push_back({one.name.run, {one.name.number, one.change}});
        by_run.emplace(one.name.run, &one);
    }
    const auto stored = runs_.advance_all(news);
    crash_point("submit.stored");
    for (const Run& run : stored) {
        tell_of(run, *by_run.at(run.id));
    }
}

void SubmitWorker::tell_of(const Run& stored, const Settled& settled) {
    if (stored.is_unwanted()) {
        // A stop that came while the engine was asked could not reach it; now it can.
        cluster_.stop_wake.notify();
    }
    if (stored.status == RunStatus::needs_retry) {
        retry_wake_.notify();
    }
    if (has_ended(settled.name, stored) && std::holds_alternative<Submitted>(settled.change)) {
        // Its end came while its lease kept the engine from forgetting it.
        cluster_.engine.forget(settled.name);
    }
}

void SubmitWorker::back_off(const std::string& reason) {
    delay_ = std::clamp(delay_ * 2, first_delay, longest_delay);
    not_before_ = clock_.elapsed() + delay_;
    cluster_.pause.begin(reason);
    log_warning("cluster {}: cannot submit now, trying again in {} ms: {}", cluster_.cluster.name,
                delay_.count() / 1000, reason);
}

}  // namespace flotilla
