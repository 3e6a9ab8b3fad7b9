#include "simulation/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flotilla::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::array owners{"ann", "bob", "cyd"};

/// Draws the parts of one plan.
class Planner {
public:
    explicit Planner(std::uint64_t seed) : chance_(seed) { plan_.seed = seed; }

    Plan draw() {
        draw_settings();
        draw_calls();
        draw_hazards();
        return std::move(plan_);
    }

private:
    void draw_settings() {
        Settings& settings = plan_.settings;
        Cluster alpha{
            .name = "alpha", .engine = "scripted", .memory = 1000, .cpu = {}, .gpu = 0, .max_running = {}};
        if (chance_.one_in(3)) {
            alpha.max_running = chance_.between(1, 3);
        }
        alpha.shares_ports = chance_.one_in(2);
        Cluster beta{
            .name = "beta", .engine = "scripted", .memory = 400, .cpu = {}, .gpu = 0, .max_running = {}};
        settings.clusters = {alpha, beta};
        const std::array<std::int64_t, 3> sizes{100, 300, 900};
        const std::array names{"small", "medium", "large"};
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            DefinitionFields fields;
            fields.alias = names.at(i);
            fields.group_name = "g";
            fields.image = "debian:12";
            fields.memory = sizes.at(i);
            fields.command = fmt::format("echo {}", names.at(i));
            if (i == 1) {
                fields.ports = {8080};
            }
            settings.definitions.push_back(fields);
        }
        settings.retry.max_attempts = chance_.between(1, 4);
        settings.submit_sweep = chance_.pick(std::array{5s, 10s, 20s});
        settings.status_sweep = chance_.pick(std::array{5s, 10s, 30s});
        settings.retry_sweep = chance_.pick(std::array{5s, 30s});
        settings.grace = chance_.pick(std::array{1s, 10s});
        settings.longest_pass = chance_.pick(std::array{10s, 600s});
        settings.news_outlives_server = chance_.one_in(3);
        settings.engine_retells = !chance_.one_in(3);
        settings.every_call_takes_time = chance_.one_in(3);
    }

    void draw_calls() {
        if (chance_.one_in(12)) {
            draw_crowd();
            return;
        }
        const Duration busy = chance_.of_any_magnitude(2s, 30s);
        plan_.calm_at = busy + chance_.of_any_magnitude(1s, 20s);
        const int runs = chance_.between(1, 8);
        Duration at = 10ms;
        for (int i = 0; i < runs; ++i) {
            at = chance_.one_in(2) ? at + chance_.between(0us, 20ms) : chance_.between(Duration{10ms}, busy);
            add_run(at);
        }
        if (chance_.one_in(6)) {
            Call& call = add_call(chance_.one_in(2) ? Call::Kind::edit : Call::Kind::remove,
                                  chance_.between(Duration{10ms}, plan_.calm_at));
            call.definition = chance_.between(0, 2);
        }
    }

    /// A run that needs most of a cluster, among so many small ones that there is never room for it by
    /// itself.
    void draw_crowd() {
        plan_.settings.longest_pass = 10s;
        plan_.settings.clusters[0].max_running.reset();
        plan_.calm_at = 60s;
        const int large = chance_.between(2, 4);
        Duration at = 10ms;
        for (int i = 0; i < 20; ++i) {
            add_crowd_run(at, i == large ? 900 : 150);
            at += chance_.between(500ms, 3s);
        }
    }

    void add_crowd_run(Duration at, std::int64_t memory) {
        Call& execute = add_call(Call::Kind::execute, at);
        execute.owner = chance_.pick(owners);
        execute.cluster = "alpha";
        execute.memory = memory;
        for (Life& life : execute.lives) {
            life.run_for = chance_.between(5s, 15s);
        }
        note_moments(at, execute.lives[0]);
    }

    Call& add_call(Call::Kind kind, Duration at) {
        Call call;
        call.number = static_cast<int>(plan_.calls.size()) + 1;
        call.kind = kind;
        call.at = at;
        plan_.calls.push_back(call);
        moments_.push_back(at);
        return plan_.calls.back();
    }

    void add_run(Duration at) {
        Call& execute = add_call(Call::Kind::execute, at);
        execute.owner = chance_.pick(owners);
        execute.cluster = chance_.one_in(3) ? "beta" : "alpha";
        execute.definition = chance_.one_in(4) ? 2 : chance_.between(0, 1);
        if (execute.cluster == "beta") {
            execute.definition = chance_.between(0, 1);
        } else if (chance_.one_in(8)) {
            execute.memory = chance_.between(50, 990);
        }
        for (Life& life : execute.lives) {
            life = draw_life();
        }
        draw_limits(execute.limits);
        execute.has_key = chance_.one_in(3);
        execute.repeats = execute.has_key && chance_.one_in(2) ? 1 : 0;
        note_moments(at, execute.lives[0]);
        const int number = execute.number;
        int stops = chance_.one_in(3) ? 1 : 0;
        stops += stops > 0 && chance_.one_in(4) ? 1 : 0;
        for (int i = 0; i < stops; ++i) {
            add_call(Call::Kind::stop, at + chance_.of_any_magnitude(1ms, 30s)).target = number;
        }
        if (chance_.one_in(5)) {
            add_report(number, at);
        }
    }

    void draw_limits(RunLimits& limits) {
        if (chance_.one_in(5)) {
            limits.timeout_seconds = chance_.between(1, 15);
        }
        if (chance_.one_in(5)) {
            limits.queue_timeout_seconds = chance_.between(1, 15);
        }
        if (chance_.one_in(4)) {
            RetryPolicy policy{
                .max_attempts = chance_.between(2, 3), .on = {}, .backoff_seconds = chance_.between(1, 5)};
            if (chance_.one_in(3)) {
                policy.on = {ExitClass::timed_out, ExitClass::host_lost, chance_.between(1, 3)};
            }
            limits.retry = policy;
        }
    }

    void add_report(int run, Duration at) {
        Call& report = add_call(Call::Kind::report, at + chance_.of_any_magnitude(1ms, 20s));
        report.target = run;
        report.status =
            chance_.pick(std::array{RunStatus::running, RunStatus::stopped, RunStatus::stopped,
                                    RunStatus::needs_retry, RunStatus::pending, RunStatus::queued});
        if (!chance_.one_in(3)) {
            report.exit_code = chance_.between(0, 2);
        }
    }

    Life draw_life() {
        Life life;
        life.try_later = chance_.one_in(10) ? chance_.between(1, 4) : 0;
        life.deferral = chance_.pick(std::array{Life::Deferral::all, Life::Deferral::size,
                                                Life::Deferral::alone, Life::Deferral::definition});
        if (chance_.one_in(15)) {
            life.refused = chance_.pick(std::array{ExitClass::rejected, ExitClass::start_failed,
                                                   ExitClass::start_failed, ExitClass::image_not_found});
        }
        using Fate = Life::Fate;
        life.fate = chance_.pick(std::array{Fate::exits, Fate::exits, Fate::exits, Fate::exits, Fate::exits,
                                            Fate::exits, Fate::out_of_memory, Fate::hangs, Fate::hangs,
                                            Fate::host_lost, Fate::vanishes, Fate::fails, Fate::fails,
                                            Fate::never_starts});
        life.start_after = chance_.one_in(2) ? Duration{0} : chance_.of_any_magnitude(100us, 20s);
        life.run_for = chance_.of_any_magnitude(10us, 20s);
        life.exit_code = chance_.one_in(2) ? 0 : chance_.between(1, 255);
        life.start_failure = chance_.pick(std::array{ExitClass::start_failed, ExitClass::image_unavailable,
                                                     ExitClass::host_lost, ExitClass::image_not_found});
        life.ignores_sigterm = chance_.one_in(3);
        life.ends_after_sigterm = chance_.of_any_magnitude(10us, 500ms);
        life.sigterm_exit_code = chance_.pick(std::array{143, 0, 1});
        return life;
    }

    /// When something is likely to happen in the control plane: there hazards are worth most.
    void note_moments(Duration at, const Life& life) {
        moments_.push_back(at);
        moments_.push_back(at + life.start_after);
        moments_.push_back(at + life.start_after + life.run_for);
    }

    void draw_hazards() {
        const int kind = chance_.between(0, 7);
        if (kind == 0) {
            draw_tranquil_hazards();
        } else {
            const int count = kind < 4 ? chance_.between(1, 4) : chance_.between(5, 25);
            for (int i = 0; i < count; ++i) {
                plan_.hazards.push_back(draw_hazard());
            }
            if (chance_.one_in(2)) {
                draw_conspiracy();
            }
        }
        std::stable_sort(plan_.hazards.begin(), plan_.hazards.end(),
                         [](const Hazard& left, const Hazard& right) { return left.from < right.from; });
    }

    /// Nothing, or an engine that takes its time (see `is_tranquil`).
    void draw_tranquil_hazards() {
        for (int i = chance_.between(0, 2); i > 0; --i) {
            plan_.hazards.push_back({.from = chance_.pick(plan_.calls).at,
                                     .place = Place::submit,
                                     .role = {},
                                     .effect = Hazard::Effect::slow_before,
                                     .duration = chance_.of_any_magnitude(1ms, 10s)});
        }
    }

    /// Hazards that are dangerous together, and would seldom meet.
    void draw_conspiracy() {
        using Effect = Hazard::Effect;
        const Call& call = chance_.pick(plan_.calls);
        switch (chance_.between(0, 3)) {
            case 0:
            case 1: {  // a server dies while it hands runs over, and the next one has trouble with them
                const Duration downtime = chance_.of_any_magnitude(1ms, 3s);
                plan_.hazards.push_back(
                    {.from = call.at,
                     .place = Place::submit,
                     .role = {},
                     .skip = chance_.between(0, 1),
                     .effect = chance_.one_in(3) ? Effect::crash_before : Effect::crash_after,
                     .duration = downtime});
                for (int i = chance_.between(1, 2); i > 0; --i) {
                    draw_trouble_after(call.at + downtime);
                }
                return;
            }
            case 2:  // a request takes so long that the run goes on meanwhile
                plan_.hazards.push_back({.from = call.at,
                                         .place = Place::write,
                                         .role = Role::client,
                                         .effect = Effect::slow_before,
                                         .duration = chance_.of_any_magnitude(1ms, 10s)});
                return;
            default:  // a transaction is done twice
                plan_.hazards.push_back(
                    {.from = call.at,
                     .place = Place::write,
                     .role = chance_.pick(std::array{Role::submit, Role::news, Role::retry}),
                     .effect = Effect::run_twice});
                plan_.hazards.push_back(
                    {.from = call.at,
                     .place = Place::submit,
                     .role = {},
                     .skip = chance_.between(0, 1),
                     .effect = chance_.one_in(2) ? Effect::slow_before : Effect::slow_after,
                     .duration = chance_.of_any_magnitude(1ms, 5s)});
                return;
        }
    }

    /// Something that meets a server as it begins.
    void draw_trouble_after(Duration begin) {
        using Effect = Hazard::Effect;
        Hazard hazard{.from = begin, .place = Place::submit, .role = {}};
        hazard.duration = chance_.of_any_magnitude(1ms, 10s);
        if (chance_.one_in(3)) {
            hazard.from += chance_.of_any_magnitude(100us, 200ms);
            hazard.place = Place::nowhere;
            hazard.effect = Effect::restart;
        } else {
            hazard.effect =
                chance_.pick(std::array{Effect::slow_before, Effect::slow_before, Effect::slow_after,
                                        Effect::fail_before, Effect::fail_after});
        }
        plan_.hazards.push_back(hazard);
    }

    Hazard draw_hazard() {
        Hazard hazard;
        hazard.from = chance_.one_in(4)
                          ? chance_.between(0us, plan_.calm_at)
                          : std::max(Duration{0}, chance_.pick(moments_) - chance_.between(0us, 2ms));
        hazard.skip = chance_.one_in(2) ? 0 : chance_.between(0, 5);
        using Effect = Hazard::Effect;
        const int kind = chance_.between(0, 19);
        if (kind < 2) {
            hazard.place = Place::nowhere;
            hazard.effect = chance_.one_in(3) ? Effect::restart : Effect::crash;
            hazard.duration = chance_.of_any_magnitude(1ms, 5s);
            return hazard;
        }
        if (kind < 5) {
            hazard.place = Place::news;
            hazard.effect = chance_.pick(std::array{Effect::lose, Effect::repeat, Effect::delay});
            hazard.duration = chance_.of_any_magnitude(1ms, 20s);
            return hazard;
        }
        draw_call_hazard(hazard);
        return hazard;
    }

    void draw_call_hazard(Hazard& hazard) {
        hazard.place = chance_.pick(std::array{Place::write, Place::write, Place::write, Place::read,
                                               Place::submit, Place::submit, Place::stop, Place::inspect,
                                               Place::list, Place::forget, Place::wait_for_news});
        if ((hazard.place == Place::write || hazard.place == Place::read) && chance_.one_in(2)) {
            hazard.role = chance_.pick(std::array{Role::client, Role::submit, Role::news, Role::reconcile,
                                                  Role::stop, Role::retry, Role::timeout});
        }
        using Effect = Hazard::Effect;
        hazard.effect = chance_.pick(std::array{Effect::fail_before, Effect::fail_after, Effect::crash_before,
                                                Effect::crash_after, Effect::slow_before, Effect::slow_after,
                                                Effect::slow_before, Effect::slow_after, Effect::outage});
        if (hazard.place == Place::write && chance_.one_in(10)) {
            hazard.effect = Effect::run_twice;
        }
        hazard.duration = chance_.of_any_magnitude(100us, hazard.effect == Effect::outage ? 10s : 60s);
    }

    Chance chance_;
    Plan plan_;
    std::vector<Duration> moments_;
};

std::string_view to_string(Role role) {
    switch (role) {
        case Role::client:
            return "a client's request";
        case Role::submit:
            return "a submit worker";
        case Role::news:
            return "a news worker";
        case Role::reconcile:
            return "a reconcile worker";
        case Role::stop:
            return "a stop worker";
        case Role::retry:
            return "the retry worker";
        case Role::timeout:
            return "the timeout worker";
    }
    return "";
}

}  // namespace

const Call* call_of(const Plan& plan, const std::string& run) {
    const int number = std::stoi(run.substr(1));
    const auto found = std::find_if(plan.calls.begin(), plan.calls.end(), [&](const Call& call) {
        return call.kind == Call::Kind::execute && call.number == number;
    });
    return found == plan.calls.end() ? nullptr : &*found;
}

bool is_tranquil(const Plan& plan) {
    return std::all_of(plan.hazards.begin(), plan.hazards.end(), [](const Hazard& hazard) {
        return hazard.place == Place::submit && hazard.effect == Hazard::Effect::slow_before;
    });
}

Plan make_plan(std::uint64_t seed) {
    return Planner(seed).draw();
}

std::string_view to_string(Place place) {
    switch (place) {
        case Place::read:
            return "read of the store";
        case Place::write:
            return "write to the store";
        case Place::submit:
            return "call submit of the engine";
        case Place::stop:
            return "call stop of the engine";
        case Place::inspect:
            return "call inspect of the engine";
        case Place::list:
            return "call list of the engine";
        case Place::forget:
            return "call forget of the engine";
        case Place::wait_for_news:
            return "call wait_for_news of the engine";
        case Place::news:
            return "news";
        case Place::nowhere:
            return "";
    }
    return "";
}

std::string describe(const Hazard& hazard) {
    using Effect = Hazard::Effect;
    const auto what = to_string(hazard.place);
    const auto seconds = fmt::format("{:.6f} s", std::chrono::duration<double>(hazard.duration).count());
    switch (hazard.effect) {
        case Effect::fail_before:
            return fmt::format("the {} fails and does nothing", what);
        case Effect::fail_after:
            return fmt::format("the {} succeeds, but its answer is lost", what);
        case Effect::crash_before:
            return fmt::format("kill -9 before the {} does anything", what);
        case Effect::crash_after:
            return fmt::format("kill -9 right after the {}", what);
        case Effect::slow_before:
            return fmt::format("the {} takes {} before it does anything", what, seconds);
        case Effect::slow_after:
            return fmt::format("the answer of the {} takes {}", what, seconds);
        case Effect::run_twice:
            return fmt::format("the {} is rolled back and done again", what);
        case Effect::outage:
            return fmt::format("every {}{}{} fails for {}", what, hazard.role ? " by " : "",
                               hazard.role ? to_string(*hazard.role) : "", seconds);
        case Effect::lose:
            return "this news is lost";
        case Effect::repeat:
            return fmt::format("this news comes a second time after {}", seconds);
        case Effect::delay:
            return fmt::format("this news comes after {}", seconds);
        case Effect::crash:
            return "kill -9";
        case Effect::restart:
            return "SIGTERM";
    }
    return "";
}

std::string describe(const Life& life) {
    using Fate = Life::Fate;
    switch (life.fate) {
        case Fate::exits:
            return fmt::format("would exit with {}", life.exit_code);
        case Fate::out_of_memory:
            return "would run out of memory";
        case Fate::hangs:
            return "would hang until it is stopped";
        case Fate::host_lost:
            return "would lose its host";
        case Fate::vanishes:
            return "would vanish without a trace";
        case Fate::fails:
            return fmt::format("would not start: {}", to_string(life.start_failure));
        case Fate::never_starts:
            return "would never start";
    }
    return "";
}

std::string describe(const Call& call) {
    std::string text;
    if (call.limits.timeout_seconds) {
        text += fmt::format(", for {} s at most", *call.limits.timeout_seconds);
    }
    if (call.limits.queue_timeout_seconds) {
        text += fmt::format(", within {} s", *call.limits.queue_timeout_seconds);
    }
    if (call.limits.retry) {
        text += fmt::format(", in {} attempts", call.limits.retry->max_attempts);
    }
    return text + (call.has_key ? ", with a key" : "");
}

}  // namespace flotilla::simulation
