#include "simulation/simulation.hpp"

#include <algorithm>
#include <memory>

#include "simulation/clients.hpp"
#include "simulation/ledger.hpp"
#include "simulation/server.hpp"
#include "simulation/world.hpp"

namespace flotilla::simulation {

namespace {

using namespace std::chrono_literals;

/// How long a history may go on after it is calm.
constexpr Duration longest_end = 30min;
/// Within which a stop has taken effect once it is calm.
constexpr Duration longest_stop = 5min;
constexpr Duration between_tries = 200ms;
/// Longer than a call can take that began before the last trouble was over.
constexpr Duration longest_call = 61s;

class Simulation {
public:
    Simulation(const Plan& plan, MemoryDatabase& database, bool is_told)
        : history_(plan, is_told),
          database_(database),
          ledger_(history_, database),
          clients_(history_, ledger_, [this](const Call& call) { send_later(call); }) {
        for (const Cluster& cluster : plan.settings.clusters) {
            worlds_.push_back(std::make_unique<World>(history_, ledger_, cluster));
        }
    }

    Outcome run() {
        define();
        start_server();
        schedule();
        const TimePoint end = beginning + history_.plan.calm_at + longest_end;
        std::uint64_t events = 0;
        while (!history_.judge.breach() && !is_quiet()) {
            if (!history_.timeline.step(end)) {
                judge_unrest();
                break;
            }
            ++events;
            after_event();
        }
        if (!history_.judge.breach()) {
            judge_end();
        }
        bury_server();
        return {history_.judge.breach(), history_.story.text(), events};
    }

private:
    /// What the clients run is defined before anything can go wrong.
    void define() {
        SqlDefinitionStore store(database_);
        for (const DefinitionFields& fields : history_.plan.settings.definitions) {
            Definition definition;
            assign(fields, definition);
            definition.id = {"g-" + definition.alias};
            store.insert(definition);
        }
    }

    void schedule() {
        const Plan& plan = history_.plan;
        for (const Call& call : plan.calls) {
            for (int i = 0; i <= call.repeats; ++i) {
                history_.timeline.at(beginning + call.at, [this, &call] { send(call); });
            }
        }
        for (const Hazard& hazard : plan.hazards) {
            if (hazard.place == Place::nowhere) {
                history_.timeline.at(beginning + hazard.from, [this, &hazard] { strike(hazard); });
            }
        }
        history_.timeline.at(beginning + plan.calm_at, [this] { calm(); });
        history_.timeline.at(beginning + plan.calm_at + longest_stop, [this] { judge_stops(); });
    }

    [[nodiscard]] bool is_serving() const {
        return server_ && process_->is_alive() && !server_->is_stopping();
    }

    void start_server() {
        ++servers_;
        history_.story.tell("server {} begins", servers_);
        process_ = std::make_unique<Process>(history_, servers_);
        server_ = std::make_unique<Server>(history_, *process_, database_, worlds_);
        server_->start();
    }

    void bury_server() {
        process_->kill(process_->downtime());
        while (history_.timeline.has_actors()) {
            history_.timeline.hurry_all();
        }
        server_.reset();
        for (const auto& world : worlds_) {
            if (!history_.plan.settings.news_outlives_server) {
                world->lose_news();
            }
        }
    }

    /// A client that finds no server tries again.
    void send(const Call& call) {
        if (is_serving()) {
            clients_.send(call, *server_, *process_);
        } else {
            send_later(call);
        }
    }

    void send_later(const Call& call) {
        ++waiting_to_send_;
        history_.timeline.at(history_.timeline.now() + between_tries, [this, &call] {
            --waiting_to_send_;
            send(call);
        });
    }

    void strike(const Hazard& hazard) {
        if (!is_serving() || history_.is_calm) {
            return;
        }
        history_.story.tell("! {}", describe(hazard));
        if (hazard.effect == Hazard::Effect::restart) {
            process_->set_downtime(hazard.duration);
            server_->request_stop();
        } else {
            process_->kill(hazard.duration);
        }
    }

    void after_event() {
        if (!server_) {
            return;
        }
        const bool has_stopped = server_->is_stopping() && !history_.timeline.has_actors();
        if (process_->is_alive() && !has_stopped) {
            server_->pass_on_wakes();
            return;
        }
        history_.story.tell("server {} is gone", servers_);
        bury_server();
        history_.timeline.at(history_.timeline.now() + process_->downtime(), [this] { start_server(); });
    }

    void calm() {
        history_.story.tell("from here on nothing goes wrong");
        history_.is_calm = true;
        history_.hazards.cease();
        stop_what_hangs();
        history_.timeline.at(history_.timeline.now() + longest_call, [this] { judge_orphans({}); });
    }

    /// What no run needs is gone by the sweep after the one that has it stopped. `before` is what was left
    /// then.
    void judge_orphans(const std::set<AttemptName>& before) {
        std::set<AttemptName> left;
        for (const auto& world : worlds_) {
            left.merge(world->orphans());
        }
        for (const AttemptName& name : left) {
            if (before.contains(name)) {
                history_.judge.broken("nothing is left at an engine that no run needs",
                                      "{} is still there after two sweeps", name.text());
            }
        }
        if (!is_quiet()) {
            const auto& settings = history_.plan.settings;
            const Duration bound = 2 * settings.status_sweep + settings.grace + longest_delay;
            history_.timeline.at(history_.timeline.now() + bound, [this, left] { judge_orphans(left); });
        }
    }

    /// Somebody looks after the jobs that would never end.
    void stop_what_hangs() {
        std::set<std::string> hanging;
        for (const auto& world : worlds_) {
            hanging.merge(world->hanging_runs());
        }
        for (const std::string& run : hanging) {
            Call call;
            call.number = 1'000 + static_cast<int>(last_stops_.size());
            call.kind = Call::Kind::stop;
            call.target = std::stoi(run.substr(1));
            send(*last_stops_.emplace_back(std::make_unique<Call>(call)));
        }
        if (!is_quiet()) {
            history_.timeline.at(history_.timeline.now() + 1min, [this] { stop_what_hangs(); });
        }
    }

    [[nodiscard]] bool is_quiet() const {
        const auto& runs = ledger_.runs();
        return history_.is_calm && !clients_.are_trying() && waiting_to_send_ == 0 &&
               std::all_of(runs.begin(), runs.end(), [](const auto& run) { return run.second.is_done(); }) &&
               std::all_of(worlds_.begin(), worlds_.end(),
                           [](const auto& world) { return world->is_empty(); });
    }

    void judge_unrest() {
        std::string left;
        for (const auto& [id, run] : ledger_.runs()) {
            if (!run.is_done()) {
                left += fmt::format("; run {} is {}, attempt {} {}", id, to_string(run.status), run.attempt,
                                    to_string(run.phase));
            }
        }
        for (const auto& world : worlds_) {
            left += world->describe_containers();
        }
        history_.judge.broken("every run reaches STOPPED, and nothing is left of it",
                              "half an hour after the last trouble{}", left);
    }

    void judge_stops() {
        for (const auto& [id, at] : history_.witness.stops) {
            const StoredRun* const run = ledger_.find(id);
            const bool is_due = history_.timeline.now() - at >= longest_stop;
            if (run != nullptr && is_due && !run->is_done()) {
                history_.judge.broken("an acknowledged stop takes effect",
                                      "run {} is {} and its attempt {} five minutes after the last trouble",
                                      id, to_string(run->status), to_string(run->phase));
            }
        }
    }

    /// Nobody is lost, nobody is there who should not be.
    void judge_end() {
        for (const auto& [id, call] : history_.witness.accepted) {
            const auto definition = definition_id(history_.plan, call.definition);
            if (ledger_.find(id) == nullptr && !history_.witness.removed_definitions.contains(definition)) {
                history_.judge.broken("no run is lost", "run {} is not stored any more", id);
            }
        }
        for (const int call : history_.witness.refused) {
            const auto& runs = ledger_.runs();
            if (std::any_of(runs.begin(), runs.end(), [&](const auto& run) {
                    return call_of(history_.plan, run.first)->number == call;
                })) {
                history_.judge.broken("a refused call makes no run", "call {} made one", call);
            }
        }
    }

    History history_;
    MemoryDatabase& database_;
    Ledger ledger_;
    std::vector<std::unique_ptr<World>> worlds_;
    Clients clients_;
    std::unique_ptr<Process> process_;
    std::unique_ptr<Server> server_;
    std::vector<std::unique_ptr<Call>> last_stops_;
    std::uint64_t servers_ = 0;
    int waiting_to_send_ = 0;
};

}  // namespace

Outcome simulate(const Plan& plan, MemoryDatabase& database, Telling telling) {
    database.clear();
    return Simulation(plan, database, telling == Telling::story).run();
}

}  // namespace flotilla::simulation
