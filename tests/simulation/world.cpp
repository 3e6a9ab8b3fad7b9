#include "simulation/world.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace flotilla::simulation {

namespace {

using Fate = Life::Fate;

ExitClass class_of(int exit_code) {
    return exit_code == 0 ? ExitClass::completed : ExitClass::job_failed;
}

const char* describe(Life::Deferral what) {
    switch (what) {
        case Life::Deferral::all:
            return "takes nothing now";
        case Life::Deferral::size:
            return "has no room for it now";
        case Life::Deferral::alone:
            return "cannot start it now";
        case Life::Deferral::definition:
            return "can start none of its definition now";
    }
    return "";
}

SubmitOutcome deferral(Life::Deferral what) {
    switch (what) {
        case Life::Deferral::all:
            return TryLater{"it is busy"};
        case Life::Deferral::size:
            return NoRoom{{Scarce::memory}, "it is full"};
        case Life::Deferral::alone:
            return NotYet{"something of it is missing"};
        case Life::Deferral::definition:
            return NotYet{"something of its definition is missing", NotYet::Concerns::revision};
    }
    return {};
}

std::string describe(const Observation& observation) {
    return std::visit(Overloaded{[](const NotStarted&) { return std::string("has not started"); },
                                 [](const Started&) { return std::string("started"); },
                                 [](const Ended& ended) { return "ended: " + ended.reason; }},
                      observation);
}

}  // namespace

Life World::life_of(const AttemptName& name) const {
    const Call* const call = call_of(history_.plan, name.run.value);
    if (call == nullptr) {
        return {};
    }
    const Life& life = call->lives.at(static_cast<std::size_t>(std::clamp(name.number, 1, 5)) - 1);
    // Once it is calm nothing hangs, so that the history comes to an end.
    return history_.is_calm && (life.needs_stop() || life.try_later > 0) ? Life{} : life;
}

SubmitOutcome World::submit(const Task& task) {
    const AttemptName& name = task.name;
    const SubmitAccepted accepted{cluster_.name + ":" + name.text()};
    if (containers_.contains(name)) {
        history_.story.tell("engine of {}: has {} already", cluster_.name, name.text());
        return accepted;
    }
    const Life life = life_of(name);
    if (deferrals_[name] < life.try_later) {
        ++deferrals_[name];
        history_.witness.was_deferred = true;
        history_.story.tell("engine of {}: asked for {}, {}", cluster_.name, name.text(),
                            describe(life.deferral));
        return deferral(life.deferral);
    }
    if (life.refused) {
        history_.story.tell("engine of {}: refuses {}: {}", cluster_.name, name.text(),
                            to_string(*life.refused));
        return Refused{*life.refused, "refused"};
    }
    history_.story.tell("engine of {}: takes {}, which {}", cluster_.name, name.text(), describe(life));
    check_submission(task);
    history_.witness.at_engine.insert(name);
    Container& container = containers_
                               .emplace(name, Container{.serial = ++serials_,
                                                        .task = task,
                                                        .life = life,
                                                        .taken_at = history_.timeline.now()})
                               .first->second;
    if (life.start_after.count() == 0) {
        begin(container);
    } else {
        later(name, life.start_after, &World::begin);
    }
    return accepted;
}

void World::check_submission(const Task& task) {
    const AttemptName& name = task.name;
    const StoredRun* const run = ledger_.find(name.run.value);
    if (run == nullptr || run->attempt != name.number || run->phase != AttemptPhase::submitting) {
        history_.judge.broken("the intent is stored before the engine is asked",
                              "{} was handed to the engine while it was {}", name.text(),
                              run == nullptr ? "not stored" : to_string(run->phase));
    }
    for (const auto& [other, container] : containers_) {
        if (other.run == name.run && !container.ended) {
            history_.judge.broken("a run has one live container at most",
                                  "{} was handed to the engine while {} is alive", name.text(), other.text());
        }
    }
    check_capacity(task);
}

void World::check_capacity(const Task& task) {
    std::int64_t memory = task.memory;
    std::int64_t count = 1;
    for (const auto& [other, container] : containers_) {
        if (container.ended) {
            continue;
        }
        memory += container.task.memory;
        ++count;
        const auto& ports = container.task.ports;
        const bool shares = std::any_of(task.ports.begin(), task.ports.end(), [&](int port) {
            return std::find(ports.begin(), ports.end(), port) != ports.end();
        });
        if (cluster_.shares_ports && shares) {
            history_.judge.broken("two that declare one port do not run at once",
                                  "{} was handed to the engine while {} is alive", task.name.text(),
                                  other.text());
        }
    }
    if (memory > cluster_.memory || count > cluster_.max_running.value_or(count)) {
        history_.judge.broken("a cluster holds no more than it can",
                              "with {} cluster {} holds {} containers of {} MiB in all", task.name.text(),
                              cluster_.name, count, memory);
    }
}

void World::later(const AttemptName& name, Duration after, void (World::*event)(Container&)) {
    const auto serial = containers_.at(name).serial;
    history_.timeline.at(history_.timeline.now() + after, [this, name, serial, event] {
        const auto found = containers_.find(name);
        if (found != containers_.end() && found->second.serial == serial && !found->second.ended) {
            (this->*event)(found->second);
        }
    });
}

void World::begin(Container& container) {
    switch (container.life.fate) {
        case Fate::fails:
            end(container, std::nullopt, container.life.start_failure, "it could not be started");
            return;
        case Fate::never_starts:
            return;
        case Fate::exits:
        case Fate::out_of_memory:
        case Fate::hangs:
        case Fate::host_lost:
        case Fate::vanishes:
            start(container);
            return;
    }
}

void World::start(Container& container) {
    const AttemptName& name = container.task.name;
    container.started = Started{history_.timeline.now(), {cluster_.name, cluster_.name + ".example"}};
    history_.story.tell("world: {} starts", name.text());
    if (++starts_[name] > 1) {
        history_.judge.broken("an attempt starts at most once", "{} was started a second time", name.text());
    }
    history_.witness.started.insert(name);
    tell(name, *container.started);
    if (container.life.fate != Fate::hangs) {
        later(name, container.life.run_for, &World::run_out);
    }
}

void World::run_out(Container& container) {
    const Life& life = container.life;
    switch (life.fate) {
        case Fate::exits:
            end(container, life.exit_code, class_of(life.exit_code),
                fmt::format("exit code {}", life.exit_code));
            return;
        case Fate::out_of_memory:
            end(container, 137, ExitClass::out_of_memory, "out of memory");
            return;
        case Fate::host_lost:
            end(container, std::nullopt, ExitClass::host_lost, "its host is lost");
            return;
        case Fate::vanishes:
            vanish(container);
            return;
        case Fate::hangs:
        case Fate::fails:
        case Fate::never_starts:
            return;
    }
}

void World::end_by_sigterm(Container& container) {
    const int code = container.life.sigterm_exit_code;
    history_.witness.ended_by_stop.insert(container.task.name);
    end(container, code, ExitClass::stopped_by_user, fmt::format("exit code {} after SIGTERM", code));
}

void World::kill(Container& container) {
    history_.witness.ended_by_stop.insert(container.task.name);
    end(container, 137, ExitClass::stopped_by_user, "killed after its grace period");
}

void World::end(Container& container, std::optional<int> exit_code, ExitClass exit_class,
                std::string reason) {
    const AttemptName& name = container.task.name;
    history_.story.tell("world: {} ends: {} ({})", name.text(), to_string(exit_class), reason);
    if (exit_code) {
        history_.witness.exit_codes[name].insert(*exit_code);
    }
    container.ended =
        Ended{history_.timeline.now(), exit_code, exit_class, std::move(reason), {}, container.started};
    tell(name, *container.ended);
}

void World::vanish(Container& container) {
    const AttemptName name = container.task.name;
    const StoredRun* const run = ledger_.find(name.run.value);
    // Nobody could tell a host that was lost before the server knew that it has the run from one that never
    // had it.
    if (run != nullptr && run->handle.empty()) {
        end(container, std::nullopt, ExitClass::host_lost, "its host is lost");
        return;
    }
    history_.story.tell("world: {} vanishes", name.text());
    history_.witness.at_engine.erase(name);
    containers_.erase(name);
}

void World::stop(const AttemptName& name, std::chrono::seconds grace) {
    const auto found = containers_.find(name);
    if (found == containers_.end() || found->second.ended || found->second.stop_wanted) {
        return;
    }
    Container& container = found->second;
    history_.story.tell("engine of {}: stops {}, grace {} s", cluster_.name, name.text(), grace.count());
    container.stop_wanted = true;
    check_stop(container);
    if (!container.started) {
        end(container, std::nullopt, ExitClass::stopped_by_user, "stopped before it started");
        return;
    }
    if (!container.life.ignores_sigterm) {
        later(name, container.life.ends_after_sigterm, &World::end_by_sigterm);
    }
    later(name, grace, &World::kill);
}

void World::check_stop(const Container& container) {
    const AttemptName& name = container.task.name;
    const StoredRun* const run = ledger_.find(name.run.value);
    if (run == nullptr || !ledger_.may_be_live(name)) {
        return;
    }
    const bool is_settled = run->status == RunStatus::stopped || run->status == RunStatus::needs_retry;
    const auto wanted_at = run->stop_requested_at ? run->stop_requested_at : run->timed_out_at;
    if (!wanted_at) {
        if (!is_settled) {
            history_.judge.broken("nothing is stopped that nobody wanted to stop",
                                  "{} is stopped, and stored as {}", name.text(), to_string(run->phase));
        }
        return;
    }
    // Where nothing goes wrong a stop does not wait for a sweep.
    const TimePoint since = std::max(TimePoint{Duration(*wanted_at)}, container.taken_at);
    if (is_tranquil(history_.plan) && history_.timeline.now() - since > longest_delay) {
        history_.judge.broken("nobody waits for a sweep", "{} is stopped late", name.text());
    }
}

std::optional<Observation> World::inspect(const AttemptName& name) const {
    const auto found = containers_.find(name);
    if (found == containers_.end()) {
        return std::nullopt;
    }
    const Container& container = found->second;
    if (container.ended) {
        return *container.ended;
    }
    if (container.started) {
        return *container.started;
    }
    return NotStarted{"its image"};
}

void World::forget(const AttemptName& name) {
    const auto found = containers_.find(name);
    if (found == containers_.end() || !found->second.ended) {
        return;
    }
    history_.story.tell("engine of {}: forgets {}", cluster_.name, name.text());
    const StoredRun* const run = ledger_.find(name.run.value);
    if (run != nullptr && run->attempt == name.number) {
        const bool is_known = run->exit_code || !found->second.ended->exit_code;
        if (run->phase != AttemptPhase::ended || !is_known) {
            history_.judge.broken("the engine forgets an attempt when its end is stored",
                                  "{} is forgotten, and stored as {}", name.text(), to_string(run->phase));
        }
    }
    history_.witness.at_engine.erase(name);
    containers_.erase(found);
}

std::vector<AttemptName> World::list() const {
    std::vector<AttemptName> names;
    for (const auto& [name, container] : containers_) {
        names.push_back(name);
    }
    return names;
}

void World::tell(const AttemptName& name, const Observation& observation) {
    Timeline& timeline = history_.timeline;
    const Hazard* const hazard = history_.hazards.meet(Place::news, std::nullopt, timeline.now());
    if (hazard != nullptr) {
        history_.story.tell("! {} {}: {}", name.text(), describe(observation), describe(*hazard));
        if (hazard->effect != Hazard::Effect::lose) {
            timeline.at(timeline.now() + hazard->duration,
                        [this, name, observation] { deliver(name, observation); });
        }
        if (hazard->effect != Hazard::Effect::repeat) {
            return;
        }
    }
    deliver(name, observation);
}

void World::deliver(const AttemptName& name, const Observation& observation) {
    news_.push_back({name, observation});
    news_bell_.ring();
}

void World::tell_all_again() {
    for (const auto& [name, container] : containers_) {
        if (container.started) {
            tell(name, *container.started);
        }
        if (container.ended) {
            tell(name, *container.ended);
        }
    }
}

std::set<AttemptName> World::orphans() const {
    std::set<AttemptName> names;
    for (const auto& [name, container] : containers_) {
        if (!ledger_.may_be_live(name)) {
            names.insert(name);
        }
    }
    return names;
}

std::set<std::string> World::hanging_runs() const {
    std::set<std::string> runs;
    for (const auto& [name, container] : containers_) {
        const StoredRun* const run = ledger_.find(name.run.value);
        const Call* const call = call_of(history_.plan, name.run.value);
        const bool is_unwanted =
            run != nullptr && (run->stop_requested_at || run->status == RunStatus::stopped ||
                               run->status == RunStatus::needs_retry);
        const bool has_timeout = container.started && call != nullptr && call->limits.timeout_seconds;
        if (!container.ended && container.life.needs_stop() && !is_unwanted && !has_timeout) {
            runs.insert(name.run.value);
        }
    }
    return runs;
}

std::string World::describe_containers() const {
    std::string text;
    for (const auto& [name, container] : containers_) {
        text += fmt::format("; {} is at the engine of {}{}", name.text(), cluster_.name,
                            container.ended ? ", ended" : "");
    }
    return text;
}

}  // namespace flotilla::simulation
