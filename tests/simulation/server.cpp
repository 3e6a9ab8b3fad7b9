#include "simulation/server.hpp"

namespace flotilla::simulation {

namespace {

constexpr Duration rest_after_failure = std::chrono::seconds{1};  // as WorkerThread has it
constexpr int most_steps_at_one_moment = 1'000;

}  // namespace

std::string CallIdMaker::uuid() {
    std::string id = "r" + std::to_string(timeline_.acting()->call);
    while (!made_.insert(id).second) {
        id += "x";
    }
    return id;
}

struct Server::ClusterParts {
    ClusterParts(History& history, Process& process, World& of, const Cluster& is)
        : world(of), cluster(is), engine(process, history.timeline, of) {}

    void add_workers(Server& server) {
        const Settings& settings = server.history_.plan.settings;
        served = server.clusters_.find(cluster.name);
        recorder.emplace(*served, server.queue_, server.runs_, server.history_.timeline, server.random_,
                         settings.retry, server.retry_wake_);
        submit.emplace(*served, server.queue_, server.runs_, server.history_.timeline, server.random_,
                       SubmitOptions{.retry = settings.retry, .sweep = settings.submit_sweep},
                       server.retry_wake_);
        news.emplace(engine, *recorder);
        reconcile.emplace(*served, server.runs_, *recorder, settings.status_sweep);
        stop.emplace(*served, server.runs_, server.history_.timeline, settings.grace, settings.status_sweep);
    }

    World& world;
    Cluster cluster;
    ScriptedEngine engine;
    Wake submit_wake;
    Wake stop_wake;
    EnginePause pause;
    EnginePause stop_pause;
    EngineHolds holds;
    const ServedCluster* served = nullptr;
    std::optional<EngineRecorder> recorder;
    std::optional<SubmitWorker> submit;
    std::optional<NewsWorker> news;
    std::optional<ReconcileWorker> reconcile;
    std::optional<StopWorker> stop;
};

Server::Server(History& history, Process& process, MemoryDatabase& database,
               const std::vector<std::unique_ptr<World>>& worlds)
    : history_(history),
      process_(process),
      random_(history.plan.seed),
      ids_(history.timeline),
      database_(process, database),
      queue_(database_, history.timeline, history.plan.settings.longest_pass),
      parts_([&] {
          std::vector<std::unique_ptr<ClusterParts>> parts;
          for (std::size_t i = 0; i < worlds.size(); ++i) {
              parts.push_back(std::make_unique<ClusterParts>(history, process, *worlds[i],
                                                             history.plan.settings.clusters.at(i)));
          }
          return parts;
      }()),
      clusters_(make_clusters()),
      retry_(clusters_, runs_, history.timeline, history.plan.settings.retry_sweep),
      timeout_(clusters_, runs_, history.timeline),
      definition_service(definitions_, history.timeline, ids_),
      run_service(runs_, definition_service, clusters_, history.timeline, ids_, random_,
                  run_service_options(history.plan)),
      waiting_service({queue_, queue_}, clusters_, {}) {
    const auto add = [&](Worker& worker, Wake* wake, Role role, const std::string& name) {
        threads_.push_back(std::make_unique<Thread>(Thread{&worker, wake, {role, name}}));
    };
    for (const auto& part : parts_) {
        part->add_workers(*this);
        const std::string of = " worker of " + part->cluster.name;
        add(*part->news, nullptr, Role::news, "news" + of);
        add(*part->reconcile, nullptr, Role::reconcile, "reconcile" + of);
        add(*part->stop, &part->stop_wake, Role::stop, "stop" + of);
        add(*part->submit, &part->submit_wake, Role::submit, "submit" + of);
    }
    add(retry_, &retry_wake_, Role::retry, "retry worker");
    add(timeout_, nullptr, Role::timeout, "timeout worker");
}

Server::~Server() = default;

Clusters Server::make_clusters() {
    std::vector<ServedCluster> served;
    for (const auto& part : parts_) {
        served.push_back({part->cluster, part->engine, images_, secrets_, logs_, part->submit_wake,
                          part->stop_wake, part->pause, part->stop_pause, part->holds});
    }
    return Clusters(std::move(served));
}

RunServiceOptions Server::run_service_options(const Plan& plan) {
    return {.default_cluster = "alpha",
            .server_mode = "simulation",
            .owner_variable = "FLOTILLA_RUN_OWNER_ID",
            .retry = plan.settings.retry};
}

void Server::start() {
    for (const auto& part : parts_) {
        if (history_.plan.settings.engine_retells) {
            part->world.tell_all_again();
        }
    }
    for (const auto& thread : threads_) {
        history_.timeline.start(thread->actor, [this, one = thread.get()] { run(*one); });
    }
}

void Server::run(Thread& thread) {
    const auto token = stop_.get_token();
    TimePoint moment = history_.timeline.now();
    int steps_at_moment = 0;
    const auto step = [&] {
        if (history_.timeline.now() != moment) {
            moment = history_.timeline.now();
            steps_at_moment = 0;
        }
        if (++steps_at_moment > most_steps_at_one_moment) {
            history_.judge.broken("no worker turns in circles", "the {} does", thread.actor.name);
            process_.kill(Duration{0});
        }
        return thread.worker->step(token);
    };
    while (process_.is_alive() && !token.stop_requested()) {
        Duration rest = rest_after_failure;
        try {
            while (process_.is_alive() && !token.stop_requested() && step()) {
            }
            rest = thread.worker->rest();
        } catch (const std::exception& error) {
            if (process_.is_alive()) {
                history_.story.tell("{}: {}", thread.actor.name, error.what());
            }
        }
        if (process_.is_alive() && !token.stop_requested()) {
            history_.timeline.wait(thread.bell, rest);
        }
    }
}

void Server::request_stop() {
    stop_.request_stop();
    for (const auto& thread : threads_) {
        thread->bell.ring();
    }
    for (const auto& part : parts_) {
        part->world.news_bell().ring();
    }
}

void Server::pass_on_wakes() {
    for (const auto& thread : threads_) {
        if (thread->wake != nullptr && thread->bell.is_waited_for() && thread->wake->take()) {
            thread->bell.ring();
        }
    }
}

}  // namespace flotilla::simulation
