#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "queue/sql/sql_run_queue.hpp"
#include "service/definition_service.hpp"
#include "service/run_service.hpp"
#include "service/waiting_service.hpp"
#include "simulation/process.hpp"
#include "simulation/process_database.hpp"
#include "simulation/scripted_engine.hpp"
#include "store/sql_definition_store.hpp"
#include "store/sql_run_store.hpp"
#include "support/fakes.hpp"
#include "worker/news_worker.hpp"
#include "worker/reconcile_worker.hpp"
#include "worker/retry_worker.hpp"
#include "worker/stop_worker.hpp"
#include "worker/submit_worker.hpp"
#include "worker/timeout_worker.hpp"

namespace flotilla::simulation {

/// Names runs after the call that makes them: r7, and r7x should the call make a second one.
class CallIdMaker final : public IdMaker {
public:
    explicit CallIdMaker(Timeline& timeline) : timeline_(timeline) {}
    std::string uuid() override;

private:
    Timeline& timeline_;
    std::set<std::string> made_;
};

/// The real control plane in one life of its process, composed as `app` does.
class Server {
public:
    /// `worlds` has one for each cluster of the plan, in their order.
    Server(History& history, Process& process, MemoryDatabase& database,
           const std::vector<std::unique_ptr<World>>& worlds);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    /// Has its workers begin.
    void start();
    /// SIGTERM: what is going on is brought to its end.
    void request_stop();
    [[nodiscard]] bool is_stopping() const { return stop_.stop_requested(); }
    /// Wakes the workers that were notified.
    void pass_on_wakes();

private:
    /// A thread of the product: a worker and what it waits for.
    struct Thread {
        Worker* worker;
        Wake* wake;  ///< nullptr: nobody wakes it
        Actor actor;
        Bell bell = {};
    };
    struct ClusterParts;

    void run(Thread& thread);
    [[nodiscard]] Clusters make_clusters();
    static RunServiceOptions run_service_options(const Plan& plan);

    History& history_;
    Process& process_;
    std::stop_source stop_;
    SeededRandom random_;
    CallIdMaker ids_;
    ProcessDatabase database_;
    SqlDefinitionStore definitions_{database_};
    SqlRunStore runs_{database_};
    SqlRunQueue queue_;
    test::FakeImageCheck images_;
    test::FakeSecretCheck secrets_;
    test::FakeLogReader logs_;
    std::vector<std::unique_ptr<ClusterParts>> parts_;
    Clusters clusters_;
    Wake retry_wake_;
    RetryWorker retry_;
    TimeoutWorker timeout_;
    std::vector<std::unique_ptr<Thread>> threads_;

public:
    DefinitionService definition_service;
    RunService run_service;
    WaitingService waiting_service;
};

}  // namespace flotilla::simulation
