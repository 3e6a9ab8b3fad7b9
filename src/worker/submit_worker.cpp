#include "worker/submit_worker.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include "base/crash_point.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

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
    auto leases = queue_.take(cluster_.cluster, width_, cluster_.holds.held(clock_.elapsed()));
    if (!leases.empty()) {
        crash_point("submit.intent_stored");
    }
    Outcome outcome;
    std::span<RunQueue::Lease> waiting(leases);
    while (!waiting.empty() && !stop.stop_requested() && clock_.elapsed() >= not_before_ && may_start()) {
        const auto portion =
            waiting.first(std::min({waiting.size(), width_, cluster_.engine.submits_at_once()}));
        hand_over(portion, outcome);
        waiting = waiting.subspan(portion.size());
    }
    // The last first: each gives its owner the next turn back.
    for (; !waiting.empty(); waiting = waiting.first(waiting.size() - 1)) {
        leases.pop_back();
    }
    for (auto lease = outcome.deferred.rbegin(); lease != outcome.deferred.rend(); ++lease) {
        lease->first->give_back(lease->second);
    }
    record(outcome.settled);
    return !outcome.settled.empty() || outcome.is_anything_held;
}

std::chrono::microseconds SubmitWorker::rest() {
    const auto now = clock_.elapsed();
    if (now < not_before_) {
        return std::min(not_before_ - now, options_.sweep);
    }
    const auto next_try = cluster_.holds.next_try(now);
    return next_try ? std::min(*next_try - now, options_.sweep) : options_.sweep;
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

void SubmitWorker::hand_over(std::span<RunQueue::Lease> leases, Outcome& outcome) {
    std::vector<RunQueue::Lease*> offered;
    for (RunQueue::Lease& lease : leases) {
        const LogScope scope{"run_id", lease.run().id.value};
        lease.offer();
        if (!options_.has_peers || announce(lease.run())) {
            offered.push_back(&lease);
        }
    }
    const auto answers = ask_all(offered);
    std::optional<std::string> trouble;
    for (std::size_t i = 0; i < offered.size(); ++i) {
        RunQueue::Lease& lease = *offered[i];
        const LogScope scope{"run_id", lease.run().id.value};
        if (auto found = trouble_in(answers[i])) {
            trouble = std::move(found);
        }
        auto change = change_by(lease.run(), answers[i], outcome);
        if (!change) {
            continue;  // nobody knows whether the engine has it: it is leased again
        }
        if (std::holds_alternative<Deferred>(*change)) {
            outcome.deferred.emplace_back(&lease, turn_after(answers[i]));
        } else {
            // From here on the run must not go back to the queue: should the store fail now, its phase stays
            // `submitting`, it is leased again, and the engine knows it by its name.
            lease.done();
            outcome.settled.push_back({name_of(lease.run()), *std::move(change)});
        }
    }
    if (trouble) {
        back_off(*trouble);  // once, however many were offered at the same time
    }
}

std::optional<std::string> SubmitWorker::trouble_in(const Answer& answer) {
    if (const auto* none = std::get_if<NoAnswer>(&answer.said)) {
        return none->reason;
    }
    const auto* const said = std::get_if<SubmitOutcome>(&answer.said);
    const auto* const later = said == nullptr ? nullptr : std::get_if<TryLater>(said);
    return later == nullptr ? std::nullopt : std::optional(later->reason);
}

/// There may be thousands of causes for which runs cannot be started: their owner has its turn with each, so
/// that the others have theirs.
Turn SubmitWorker::turn_after(const Answer& answer) {
    const auto* const said = std::get_if<SubmitOutcome>(&answer.said);
    return said != nullptr && std::holds_alternative<NotYet>(*said) ? Turn::used : Turn::kept;
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

std::optional<ChangeKind> SubmitWorker::change_by(const Run& run, const Answer& answer, Outcome& outcome) {
    if (std::holds_alternative<NotAsked>(answer.said)) {
        return Deferred{};  // given back, it ends there
    }
    if (std::holds_alternative<NoAnswer>(answer.said)) {
        return std::nullopt;
    }
    const auto& said = std::get<SubmitOutcome>(answer.said);
    if (std::holds_alternative<TryLater>(said)) {
        return Deferred{};
    }
    cluster_.pause.end();
    if (const auto* not_yet = std::get_if<NotYet>(&said)) {
        hold(run, *not_yet);
        outcome.is_anything_held = true;
        return Deferred{};
    }
    delay_ = {};
    cluster_.holds.release(revision_of(run));
    if (const auto* no_room = std::get_if<NoRoom>(&said)) {
        hold(run, *no_room);
        outcome.is_anything_held = true;
        return Deferred{};
    }
    cluster_.holds.release(run.id);
    if (const auto* refused = std::get_if<Refused>(&said)) {
        const auto now = clock_.now();
        return Ended{now, std::nullopt, refused->exit_class, refused->reason,
                     RetryTerms{options_.retry, now, random_.unit()}};
    }
    cluster_.holds.release(needs_of(run));
    width_ = std::min(width_ + 1, most_taken_at_once);
    return Submitted{std::get<SubmitAccepted>(said).handle, answer.asked_at};
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
    width_ = 1;
    cluster_.pause.begin(reason);
    log_warning("cluster {}: cannot submit now, trying again in {} ms: {}", cluster_.cluster.name,
                delay_.count() / 1000, reason);
}

void SubmitWorker::hold(const Run& run, const NoRoom& answer) {
    width_ = 1;
    const auto held_for =
        cluster_.holds.hold(Oversize{needs_of(run), answer.lacking}, answer.reason, clock_.elapsed());
    if (held_for == EngineHolds::shortest) {
        log_info("cluster {}: no room for run {} and what needs as much, others go on: {}",
                 cluster_.cluster.name, run.id.value, answer.reason);
    }
}

void SubmitWorker::hold(const Run& run, const NotYet& answer) {
    EngineHolds& holds = cluster_.holds;
    const bool is_alone = answer.concerns == NotYet::Concerns::run;
    if (is_alone) {
        holds.release(revision_of(run));
    }
    const auto held_for = is_alone ? holds.hold(run.id, answer.reason, clock_.elapsed())
                                   : holds.hold(revision_of(run), answer.reason, clock_.elapsed());
    if (held_for == EngineHolds::shortest) {
        log_warning("run {} cannot be started now{}, and is tried again: {}", run.id.value,
                    is_alone ? "" : ", nor are others of its definition", answer.reason);
    }
}

}  // namespace flotilla
